// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { access } from "../src/cosem/access.js";
import type { LinkInfo } from "../src/cosem/apdu-handler.js";
import { Writer } from "../src/cosem/codec/writer.js";
import { indexObjects, ObjectDirectory } from "../src/cosem/object-directory.js";
import { DlmsClient } from "../tests/support/client/client.js";
import { encodeGet, encodeGetNext } from "../tests/support/client/services.js";
import { clientSap } from "../tests/support/client/test-client.js";
import { encodeWrapper } from "../tests/support/client/wrapper.js";
import { fillLoadProfile, loadProfile, tenColumns } from "../tests/support/filled-profile.js";
import { RunningMeter } from "../tests/support/running-meter.js";
import { since2000_s } from "../tests/support/since-2000.js";
import { ApduPump } from "./apdu-pump.js";
import type { Bench, Figure } from "./bench.js";

const rows = 35_040;
const rounds = 6;
const headerSize = 8;
/** 2024-12-31 00:00 UTC. */
const end_s = since2000_s(Date.UTC(2024, 11, 31));
const get = encodeGet({ id: 1 }, { ref: loadProfile, attribute: 2 });
/** Offsets in a GET response with data block: last-block and block-number. */
const lastBlockAt = 3;
const blockNumberAt = 4;

/** The meter with a directory in which the public client reads the load profile: no client may do so without ciphering. */
function openProfile(meter: RunningMeter): void {
	const { application } = meter.simulator.simulated.meter;
	const rowsOfMeter = Array.from({ length: application.directory.size }, (_, n) => application.directory.at(n)!);
	const opened = rowsOfMeter
		.filter((row) => row !== undefined)
		.map((row) =>
			row.definition.classId === loadProfile.classId
				? { ...row, access: access({ public: "R*", management: "R*" }) }
				: row,
		);
	Object.assign(application, { directory: new ObjectDirectory(indexObjects([opened]), application.model) });
}

/** Reads the profile through `exchange` and drops it. @returns octets of all blocks */
async function readAll(exchange: (apdu: Uint8Array) => Promise<Uint8Array> | Uint8Array): Promise<number> {
	let octets = 0;
	for (let request = get; ; ) {
		const answer = await exchange(request);
		assert.equal(answer[1], 2, "a block");
		octets += answer.length;
		if (answer[lastBlockAt] === 1) return octets;
		request = encodeGetNext({ id: 1 }, new DataView(answer.buffer, answer.byteOffset).getUint32(blockNumberAt));
	}
}

/** Rows a second, the best of some rounds. */
async function rowRate(exchange: (apdu: Uint8Array) => Promise<Uint8Array> | Uint8Array): Promise<number> {
	let best = 0;
	for (let round = 0; round < rounds; round++) {
		const begin_ms = performance.now();
		const octets = await readAll(exchange);
		best = Math.max(best, rows / ((performance.now() - begin_ms) / 1000));
		assert.ok(octets > rows * 58, "all rows");
	}
	return best;
}

/** The server alone, octets in and octets out. */
function inProcess(meter: RunningMeter): (apdu: Uint8Array) => Uint8Array {
	const { server } = meter.simulator.simulated.meter;
	const info: LinkInfo = { port: "tcp", name: "bench" };
	const link = server.open(info);
	const response = new Writer(0xffff);
	return (apdu) => {
		assert.ok(server.handle(link, clientSap.public, 1, apdu, 0, apdu.length, response));
		return response.bytes.subarray(0, response.position);
	};
}

/** Rows of a load profile of a year, ten columns. */
export const rowsBench: Bench = {
	area: "rows",
	async run(): Promise<Figure[]> {
		const meter = await RunningMeter.start("ST402D", { speed: 0, rs485: false });
		const pumps: ApduPump[] = [];
		const open = async (): Promise<ApduPump> => {
			const pump = await ApduPump.open(meter.simulator.tcp);
			pumps.push(pump);
			return pump;
		};
		try {
			await fillLoadProfile(meter, rows, rows, end_s);
			openProfile(meter);
			const direct = inProcess(meter);
			const pump = await open();
			const client = DlmsClient.overWrapper(pump, { clientSap: clientSap.public, maximumPduSize: 0xffff });
			direct(client.association.request(undefined));
			await client.associate();
			const managed = await open();
			const secured = DlmsClient.overWrapper(managed, {
				clientSap: clientSap.management,
				security: meter.security("management"),
			});
			await secured.associate();
			const session = secured.association.session!;
			const encoded = await rowRate(direct);
			const plain = await rowRate(async (apdu) =>
				(await pump.exchange(encodeWrapper(clientSap.public, 1, apdu))).subarray(headerSize),
			);
			const ciphered = await rowRate(async (apdu) => {
				const unit = encodeWrapper(clientSap.management, 1, session.protect(apdu));
				return session.unprotect((await managed.exchange(unit)).subarray(headerSize));
			});
			const reference = `${rows} rows of ${tenColumns.length} columns in PDUs of 65,535 octets`;
			return [
				{ area: "rows", name: "encoded in process", value: encoded, unit: "1/s", target: 300_000, reference },
				{ area: "rows", name: "over one TCP connection, plain", value: plain, unit: "1/s", target: 250_000, reference },
				{ area: "rows", name: "the same, ciphered", value: ciphered, unit: "1/s", reference },
			];
		} finally {
			for (const pump of pumps) pump.close();
			await meter.close();
		}
	},
};
