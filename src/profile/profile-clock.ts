// SPDX-License-Identifier: Apache-2.0
export {
	boundaryAfter,
	boundaryUpTo,
	isBoundary,
	type LocalClock as ProfileClock,
} from "../core/local-periods.js";
