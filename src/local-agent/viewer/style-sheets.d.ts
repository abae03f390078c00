// Style sheets are imported for the bundler, which gathers them in app.css.

declare module '*.css'
