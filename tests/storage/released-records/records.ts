// SPDX-License-Identifier: Apache-2.0
import { MemoryFlash } from "../../../hosts/simulator/storage/memory-flash.js";
import { flashLayout, type Partition } from "../../../src/storage/layout.js";
import { RecordLog } from "../../../src/storage/record-log.js";
import { encodeData } from "../../support/client/axdr.js";
import type { DlmsClient } from "../../support/client/client.js";
import { ref } from "../../support/client/data.js";

/** Octets of a record in hex, by its key. */
export type Records = { readonly [key: string]: string };

/** An attribute, "class logicalName attribute", and its value as A-XDR in hex. */
export type Values = { readonly [attribute: string]: string };

/** What a meter of one release has left in its memory, and what a client read of it. */
export interface Release {
	readonly journal: Records;
	readonly parameters: Records;
	readonly values: Values;
}

const layout = flashLayout("desktop");
const longest = 4096;

function open(flash: MemoryFlash, { firstSector, sectorCount }: Partition): RecordLog {
	return new RecordLog(flash, firstSector, sectorCount);
}

export function readRecords(flash: MemoryFlash): Pick<Release, "journal" | "parameters"> {
	const read = (partition: Partition): Records => {
		const log = open(flash, partition);
		const into = new Uint8Array(longest);
		const found: Record<string, string> = {};
		for (let key = 0; key < 256; key++) {
			const length = log.read(key, into);
			if (length >= 0) found[key] = Buffer.from(into.subarray(0, length)).toString("hex");
		}
		return found;
	};
	return { journal: read(layout.journal), parameters: read(layout.parameters) };
}

/** A memory that holds these records and nothing else. */
export function memoryWith(release: Pick<Release, "journal" | "parameters">): MemoryFlash {
	const flash = new MemoryFlash(layout.sectorCount);
	for (const [partition, records] of [
		[layout.journal, release.journal],
		[layout.parameters, release.parameters],
	] as const) {
		const log = open(flash, partition);
		for (const [key, hex] of Object.entries(records)) log.write(Number(key), Uint8Array.from(Buffer.from(hex, "hex")));
	}
	return flash;
}

export async function readValue(client: DlmsClient, attribute: string): Promise<string> {
	const [classId, logicalName, index] = attribute.split(" ");
	const value = await client.read(ref(Number(classId), logicalName!), Number(index));
	return Buffer.from(encodeData(value)).toString("hex");
}
