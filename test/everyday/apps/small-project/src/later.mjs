// A chunk of its own.

export const later = () => console.log('later')
