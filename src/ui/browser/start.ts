// First script of every page: turns on nhsuk-frontend's own enhancements. What nhsuk-frontend's template does inline.
document.body.classList.add('js-enabled', 'nhsuk-frontend-supported')

const address = document.documentElement.dataset['nhsukScript']
if (address !== undefined) {
  const nhsuk: { initAll(): void } = await import(address)
  nhsuk.initAll()
}

export {}
