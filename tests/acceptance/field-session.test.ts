// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { DlmsClient } from "../support/client/client.js";
import { asOctets, data, ref } from "../support/client/data.js";
import { type Duplex, openTcp } from "../support/client/duplex.js";
import { byEntry } from "../support/client/profile.js";
import { decodeResponse, encodeSetFirst, result } from "../support/client/services.js";
import { clientSap, testSecurity } from "../support/client/test-client.js";
import { RunningMeter } from "../support/running-meter.js";

interface Step {
	readonly object: ReturnType<typeof ref>;
	readonly kind: "read" | "entries" | "method";
	readonly index: number;
}

/** The table of the document is the script. */
function readScript(): Step[] {
	const text = readFileSync(new URL("../../docs/field-session.md", import.meta.url), "utf8");
	const rows = text.matchAll(/^\|[^|]+\| (\d+) \| ([0-9:.-]+) \| (read|entries|method) ([0-9]+)[^|]*\|/gm);
	return [...rows].map(([, classId, name, kind, index]) => ({
		object: ref(Number(classId), `${name}.255`),
		kind: kind as Step["kind"],
		index: Number(index),
	}));
}

/** How long the line was busy: 10 bits an octet, 300 Bd until the change-over, and a pause for each change of direction. */
class LineTime {
	seconds = 0;
	#isSending: boolean | undefined;
	#octets = 0;

	/** Request message, identification, acknowledgement and its echo are sent at 300 Bd or before the rate has changed. */
	static readonly #openingOctets = 5 + 24 + 6 + 6;
	/** Reaction time of the default setup; HDLC needs less. */
	static readonly #reaction_s = 0.2;

	count(octets: number, isSending: boolean): void {
		if (isSending !== this.#isSending) this.seconds += LineTime.#reaction_s;
		this.#isSending = isSending;
		const slow = Math.max(0, Math.min(octets, LineTime.#openingOctets - this.#octets));
		this.#octets += octets;
		this.seconds += (slow * 10) / 300 + ((octets - slow) * 10) / 9600;
	}
}

function timed(duplex: Duplex, time: LineTime): Duplex {
	const outer: Duplex = {
		write(bytes) {
			time.count(bytes.length, true);
			duplex.write(bytes);
		},
		close: () => duplex.close(),
		onData: () => undefined,
		onClose: () => undefined,
	};
	duplex.onData = (bytes) => {
		time.count(bytes.length, false);
		outer.onData(bytes);
	};
	duplex.onClose = () => outer.onClose();
	return outer;
}

/** The switch rests ten seconds between two operations. */
const switchPause_s = 11;
const mainSwitch = ref(70, "0-0:96.3.10.255");
const deviceId = ref(1, "0-0:96.1.1.255");

describe("session of a field technician", () => {
	for (const model of ["SM402D", "ST402D", "ST402C"] as const) {
		it(`F55: the documented script takes a ${model} less than 60 s at 9600 Bd`, async () => {
			const meter = await RunningMeter.start(model);
			try {
				meter.simulator.pacer.step(5000);
				const time = new LineTime();
				const options = { clientSap: clientSap.technician, security: testSecurity(), signOn: "modeE" as const };
				const line = timed(await openTcp({ port: meter.simulator.optical }), time);
				const client = await DlmsClient.overHdlc(line, options);
				await client.associate();
				meter.simulator.simulated.housing.set({ serviceButton: true });
				meter.simulator.pacer.step(1000);
				const script = readScript();
				assert.ok(script.length >= 25, String(script.length));
				let absent = 0;
				for (const { object, kind, index } of script) {
					let code: number;
					if (kind === "method") code = (await client.action(object, index, data.integer(0))).result;
					else if (kind === "read") code = (await client.get(object, index)).result;
					else code = (await client.get(object, 2, byEntry(index, 5))).result;
					if (kind === "method") {
						meter.simulator.pacer.step(switchPause_s * 1000);
						time.seconds += switchPause_s;
					}
					if (code === result.objectUndefined) absent++;
					else assert.equal(code, result.success, `${object.logicalName} ${kind} ${index}`);
				}
				assert.equal(absent, { SM402D: 4, ST402D: 0, ST402C: 4 }[model]);
				if (model !== "ST402C") assert.deepEqual(await client.read(mainSwitch, 2), data.boolean(true));
				await client.close();
				assert.ok(time.seconds < 60, `${time.seconds.toFixed(1)} s`);
			} finally {
				await meter.close();
			}
		});
	}

	it("F55 G3: taking the head off in the middle of a long SET leaves the parameter as it was", async () => {
		const meter = await RunningMeter.start("ST402D");
		try {
			await meter.with("management", async (client) => {
				assert.equal(await client.set(deviceId, 2, data.octetString("before")), result.success);
			});
			const client = await meter.connect("management", "direct HDLC");
			const block = { isLast: false, number: 1, raw: Uint8Array.of(9, 20, 0x61, 0x62, 0x63) };
			const first = encodeSetFirst({ id: 1 }, { ref: deviceId, attribute: 2 }, block);
			assert.equal(decodeResponse(await client.association.exchange(first)).kind, "setBlock");
			client.association.agreed = undefined;
			await client.association.link.stream.close();
			await meter.with(
				"management",
				async (again) => assert.equal(Buffer.from(asOctets(await again.read(deviceId, 2))).toString(), "before"),
				"direct HDLC",
			);
		} finally {
			await meter.close();
		}
	});
});
