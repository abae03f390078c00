// Adds.

export const add = (a, b) => a + b
export const unused = () => 'shaken off'
