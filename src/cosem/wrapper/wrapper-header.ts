// SPDX-License-Identifier: Apache-2.0

/** Header of a wrapper protocol data unit (IEC 62056-47): four big endian 16-bit fields before the APDU. */
export interface WrapperHeader {
	version: number;
	sourceWPort: number;
	destinationWPort: number;
	/** Octets of the APDU that follows. */
	length: number;
}

export const wrapperHeaderSize = 8;
export const wrapperVersion = 1;

/** Reads the header at `from`; the caller has made sure that its octets are there. */
export function decodeWrapperHeader(bytes: Uint8Array, from: number, into: WrapperHeader): void {
	into.version = (bytes[from]! << 8) | bytes[from + 1]!;
	into.sourceWPort = (bytes[from + 2]! << 8) | bytes[from + 3]!;
	into.destinationWPort = (bytes[from + 4]! << 8) | bytes[from + 5]!;
	into.length = (bytes[from + 6]! << 8) | bytes[from + 7]!;
}

/** Version in the header at the beginning of `bytes`. */
export function announcedVersion(bytes: Uint8Array): number {
	return (bytes[0]! << 8) | bytes[1]!;
}

/** Octets of the APDU behind the header at the beginning of `bytes`. */
export function announcedLength(bytes: Uint8Array): number {
	return (bytes[6]! << 8) | bytes[7]!;
}

/** Writes the header at `at`. All fields 0 … 65535. */
export function encodeWrapperHeader(header: WrapperHeader, bytes: Uint8Array, at: number): void {
	bytes[at] = header.version >> 8;
	bytes[at + 1] = header.version;
	bytes[at + 2] = header.sourceWPort >> 8;
	bytes[at + 3] = header.sourceWPort;
	bytes[at + 4] = header.destinationWPort >> 8;
	bytes[at + 5] = header.destinationWPort;
	bytes[at + 6] = header.length >> 8;
	bytes[at + 7] = header.length;
}
