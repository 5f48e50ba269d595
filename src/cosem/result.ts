// SPDX-License-Identifier: Apache-2.0

/** Data-access-result of GET and SET; the same numbers serve as action-result. */
export const dataAccessResult = Object.freeze({
	success: 0,
	hardwareFault: 1,
	temporaryFailure: 2,
	readWriteDenied: 3,
	objectUndefined: 4,
	objectClassInconsistent: 9,
	objectUnavailable: 11,
	typeUnmatched: 12,
	scopeOfAccessViolated: 13,
	dataBlockUnavailable: 14,
	longGetAborted: 15,
	noLongGetInProgress: 16,
	longSetAborted: 17,
	noLongSetInProgress: 18,
	dataBlockNumberInvalid: 19,
	otherReason: 250,
});
