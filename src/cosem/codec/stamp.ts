// SPDX-License-Identifier: Apache-2.0
import { type DateTime, notSpecified } from "../../clock/date-time.js";
import { noMoment, type Stamp } from "../../metrology/demand/stamp.js";
import { encodeDateTime } from "./date-time.js";
import type { Writer } from "./writer.js";

/** date-time of a stamp; all fields not specified where there is none. @param scratch is overwritten */
export function encodeStamp(w: Writer, stamp: Stamp, scratch: DateTime): void {
	if (stamp.utc_s === noMoment) {
		const { octet } = notSpecified;
		scratch.year = notSpecified.year;
		scratch.month = scratch.day = scratch.weekday = octet;
		scratch.hour = scratch.minute = scratch.second = scratch.hundredths = octet;
		scratch.deviation_min = notSpecified.deviation_min;
		scratch.status = octet;
	} else scratch.setLocal_s(stamp.utc_s - stamp.deviation_min * 60, stamp.deviation_min, stamp.status);
	encodeDateTime(w, scratch);
}
