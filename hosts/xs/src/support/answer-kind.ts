// SPDX-License-Identifier: Apache-2.0

/** What an answer is, by its tag and choice; "silence" without one. */
export function kindOfAnswer(bytes: Uint8Array, length = bytes.length): string {
	if (length === 0) return "silence";
	const tag = bytes[0]!;
	switch (tag) {
		case 0xc4:
		case 0xc5:
		case 0xc7:
			return `${tag === 0xc4 ? "get" : tag === 0xc5 ? "set" : "action"}-response ${bytes[1]}`;
		case 0xd8:
			return `exception ${bytes[1]}/${bytes[2]}`;
		case 0xda:
			return "access-response";
		case 0xe0:
			return "general block";
		case 0x61:
			return "AARE";
		case 0x63:
			return "RLRE";
		case 0x0e:
			return "confirmed-service-error";
		default:
			return `tag ${tag.toString(16)}`;
	}
}
