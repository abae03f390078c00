// The version of this package, as a constant: in a bundle there is no package.json of ours to look it up in. A test compares the two.

export const OWN_VERSION = '0.1.0'
