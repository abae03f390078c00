// What the measured programs of metric-call and aggregator-call record: the three tags of a request, fresh for each call or prebuilt, and the
// bare loop that has nothing but them.

const ROUTES = Array.from({ length: 20 }, (_, n) => `/items/${n}`)
const STATUSES = [200, 201, 204, 304, 404]
const COMBINATIONS = ROUTES.length * STATUSES.length

/** What a server has at hand when it records a request. */
const freshTags = (n) => [`route:${ROUTES[n % 20]}`, 'method:GET', `status:${STATUSES[n % 5]}`]
/** The same, for clients that take an object. */
const freshObject = (n) => ({ route: ROUTES[n % 20], method: 'GET', status: STATUSES[n % 5] })
const prebuilt = Array.from({ length: COMBINATIONS }, (_, n) => freshTags(n))

/** A place that keeps loops from being optimized away. */
let kept

const bareCall = (isPrebuilt) =>
  isPrebuilt
    ? (n) => {
        kept = prebuilt[n % COMBINATIONS]
      }
    : (n) => {
        kept = freshTags(n)
      }

module.exports = { COMBINATIONS, bareCall, freshObject, freshTags, prebuilt, isKept: () => kept === undefined }
