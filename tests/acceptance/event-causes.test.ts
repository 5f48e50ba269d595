// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { FaultyFlash } from "../../hosts/simulator/storage/faulty-flash.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { eventLog } from "../../src/events/event-sink.js";
import { eventDefinitions } from "../../src/events/event-table.js";
import { flashLayout } from "../../src/storage/layout.js";
import { MeterBench } from "../events/meter-bench.js";
import { certificateCause } from "./event-causes/certificates.js";
import { clientCauses } from "./event-causes/clients.js";
import { controlCauses } from "./event-causes/control.js";
import { measuredCauses } from "./event-causes/measured.js";
import { type LoggedCodes, World } from "./event-causes/world.js";

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, n) => first + n);
const { mbus, session, security, configuration } = eventLog;

/** Codes of the list that nothing can cause in this release, by the reason why. */
const withoutCause: readonly { readonly why: string; readonly codes: LoggedCodes }[] = [
	{
		why: "there is no transfer of firmware yet",
		codes: { 0: [12, 17, 18, 30, 31, 32, 51], 7: [17, 18, 51], 8: [17, 18, 30, 31, 32, 51] },
	},
	{
		why: "there is no M-Bus master yet",
		codes: {
			3: eventDefinitions.filter(({ logs }) => logs[0] === mbus).map(({ code }) => code),
			7: range(246, 249),
		},
	},
	{ why: "there is no modem yet", codes: { 5: range(140, 157) } },
	{ why: "there is no prepayment yet", codes: { 0: range(243, 247), 2: [240, 241] } },
	{ why: "there are no consumer messages and no reading without mains yet", codes: { 0: [99, 239] } },
	{ why: "load profiles 1 and 2 cannot be switched off", codes: { 0: range(22, 25) } },
	{
		why: "the engine owns its memory, which no program on it can test; a part that hangs is started anew by the host",
		codes: { 0: [13, 15] },
	},
	{ why: "the housings have no cover for a module", codes: { 1: [244, 245] } },
	{
		why: "it stands for a code that is not in the list, and all that the meter reports are",
		codes: Object.fromEntries(range(0, configuration).map((log) => [log, [253]])),
	},
];

const flat = (codes: LoggedCodes): string[] =>
	Object.entries(codes).flatMap(([log, list]) => list.map((code) => `${log}/${code}`));

describe("causes of events, from outside", () => {
	const certificates = certificateCause();
	const causes = [...measuredCauses, ...controlCauses, ...clientCauses, certificates];
	/** Log 0: what the medium refuses is known when it takes again. */
	const ofMemory: LoggedCodes = { 0: [14] };
	after(() => rmSync(certificates.folder, { recursive: true }));

	for (const cause of causes)
		it(`F107 F108 F109 F112 F130: ${cause.name}: events ${flat(cause.codes).join(", ")}`, async () => {
			const world = await World.start(cause);
			try {
				await cause.provoke(world);
				for (const [log, codes] of Object.entries(cause.codes)) {
					const found = await world.codes(Number(log));
					for (const code of codes) assert.ok(found.includes(code), `log ${log} has no ${code}: ${found}`);
				}
			} finally {
				await world.close();
			}
		});

	it("F107: a memory that takes nothing for a while: event 14 when it does again", async () => {
		const flash = new FaultyFlash(new MemoryFlash(flashLayout("desktop").sectorCount), Math.random);
		const bench = new MeterBench({ flash });
		bench.run(3);
		flash.refuses = "program";
		bench.run(90);
		flash.refuses = "nothing";
		bench.run(70);
		assert.ok((await bench.codes(0)).includes(14));
	});

	it("F107 F108 F130: every code of every log has a cause here, or there is a reason why it has none", () => {
		const proved = [...causes.map(({ codes }) => codes), ofMemory].flatMap(flat);
		const excused = withoutCause.flatMap(({ codes }) => flat(codes));
		const defined = eventDefinitions.flatMap(({ code, logs }) => logs.map((log) => `${log}/${code}`));
		for (const code of excused) assert.ok(!proved.includes(code), `${code} is excused and has a cause`);
		assert.deepEqual([...new Set([...proved, ...excused])].sort(), [...new Set(defined)].sort());
		assert.ok(defined.includes(`${session}/26`) && defined.includes(`${security}/46`));
	});
}).timeout(60_000);
