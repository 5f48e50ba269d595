// SPDX-License-Identifier: Apache-2.0
import { noOctets } from "../../core/no-octets.js";
import { optionBit } from "../../models/model.js";
import { isSignature, longestSignature } from "../bridges/entry-signature.js";
import { type DataSpec, data } from "../classes/data.js";
import { encodeOctetString } from "../codec/axdr.js";
import { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import type { Writer } from "../codec/writer.js";
import type { Call, CosemObject } from "../model.js";
import { object } from "../object.js";
import { profileDefinitions } from "./profiles.js";
import { readByStaff } from "./rights.js";

/** Tag, length and the longest signature, which is that of suite 2. */
const longest = 98;

/** The signature of the newest entry among those of all profiles that are signed; no octets before the first one. */
function encodeNewest(w: Writer, { application }: Call): void {
	const { profiles, directory, profileRow: row } = application;
	const start = w.position;
	let newest_s = -1;
	encodeOctetString(w, noOctets);
	if (longestSignature(application) < 0) return;
	for (let index = 0; index < profileDefinitions.length; index++) {
		if (directory.find(profileDefinitions[index]!.logicalName) === undefined) continue;
		const configuration = profiles.configuration(index);
		const last = configuration.count - 1;
		if (last < 0 || !isSignature(configuration.column(last))) continue;
		if (!profiles.readNewest(index, row) || row.utc_s < newest_s) continue;
		const r = new Reader(row.bytes, row.columnsAt, row.columnsAt + row.length);
		for (let n = 0; n < last; n++) skipValue(r);
		newest_s = row.utc_s;
		w.position = start;
		w.octets(row.bytes, r.position, r.end);
	}
}

const spec: DataSpec = { value: encodeNewest, maximumSize: longest };

export const entrySignatureObjects: readonly CosemObject[] = Object.freeze([
	object(data, "0-0:96.16.0.255", readByStaff, spec, { options: optionBit.suite1 }),
]);
