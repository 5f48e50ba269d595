// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { flashLayout } from "../../src/storage/layout.js";
import { MeterBench } from "../events/meter-bench.js";
import { fromAscii, toAscii } from "../support/client/bytes.js";
import { asNumber, data, ref } from "../support/client/data.js";
import { ByteStream, openTcp } from "../support/client/duplex.js";
import { result } from "../support/client/services.js";
import { blockOf, OpticalHead, readable } from "../support/optical-head.js";
import { RunningMeter } from "../support/running-meter.js";

const localPort = ref(19, "0-0:20.0.0.255");
const protection = ref(124, "0-0:44.2.0.255");
const readoutList = ref(7, "0-0:21.0.0.255");
const password = "31415926";
const serial = "37845884";
const ack = "[ACK]";
const nak = "[NAK]";
const broken = "[SOH]B0";
const failure = "[STX](ERROR)";
const opened = `[SOH]P0[STX](${serial})`;
/** 2025-12-28T09:46:40 UTC. */
const start_s = 820_000_000;

describe("programming mode of the optical port, from outside", () => {
	let bench: MeterBench;
	let head: OpticalHead;

	async function begin(text: string | undefined, options: ConstructorParameters<typeof MeterBench>[0] = {}) {
		bench = new MeterBench({ allowsProgramming: true, rtc_s: start_s, ...options });
		bench.run(5);
		if (text !== undefined) assert.equal(await setPassword(text), result.success);
		head = new OpticalHead(bench);
	}
	const setPassword = (text: string, attribute = 7) =>
		bench.with((client) => client.set(localPort, attribute, data.octetString(fromAscii(text))));
	const clock = () => bench.simulated.meter.application.clock;
	const digits = (value: number) => String(value).padStart(2, "0");
	/** hhmmss of the meter's local time in so many seconds. */
	function timeIn(seconds: number): string {
		const time = new Date((clock().local_s(clock().utc_s() + seconds) + 946_684_800) * 1000);
		return digits(time.getUTCHours()) + digits(time.getUTCMinutes()) + digits(time.getUTCSeconds());
	}
	function dateIn(seconds: number): string {
		const time = new Date((clock().local_s(clock().utc_s() + seconds) + 946_684_800) * 1000);
		return digits(time.getUTCFullYear() % 100) + digits(time.getUTCMonth() + 1) + digits(time.getUTCDate());
	}
	const authorise = () => {
		assert.equal(head.enter(), opened);
		assert.equal(head.command(`\x01P1\x02(${password})`), ack);
	};

	it("SEC-opt F52: is off unless it was ordered, and without a password of eight octets that a client has set", async () => {
		await begin(password, { allowsProgramming: false });
		assert.equal(head.enter(), broken);
		for (const text of ["\x01P1\x02(31415926)", "\x01R1\x021.8.0()", "\x01W1\x020.9.1(120000)"])
			assert.equal(head.command(text), "");
		await begin(undefined);
		assert.equal(head.enter(), broken);
		assert.equal(await setPassword("1234567"), result.success);
		assert.equal(head.enter(), broken);
		assert.equal(await setPassword(password, 8), result.success, "that of P2");
		assert.equal(head.enter(), broken);
		assert.equal(await setPassword(password), result.success);
		assert.equal(head.enter(), opened);
		assert.equal(await setPassword(""), result.success);
		assert.equal(head.command(`\x01P1\x02(${password})`), failure, "and it is off again");
		assert.equal(head.command("\x01B0"), "");
		assert.equal(head.enter(), broken);
	});

	it("F52 SEC-opt: reads the items of the readout list one by one behind the password, and nothing else", async () => {
		await begin(password);
		head.enter();
		assert.equal(head.command("\x01R1\x021.8.0()"), failure, "nothing before the password");
		assert.equal(head.command("\x01P2\x02(31415926)"), failure);
		assert.equal(head.command("\x01R1\x021.8.0()"), failure);
		assert.equal(head.command(`\x01P1\x02(${password})`), ack);
		const read = await bench.with(async (client) => asNumber(await client.read(ref(3, "1-0:1.8.0.255"), 2)));
		const answer = head.command("\x01R1\x021.8.0()");
		const [, value] = /^\[STX\]1\.8\.0\((\d{6}\.\d{3})\*kWh\)$/.exec(answer) ?? [];
		assert.equal(Math.round(Number(value) * 1000), read, answer);
		assert.equal(head.command("\x01R1\x020-0:96.1.0()"), `[STX]0-0:96.1.0(${serial})`);
		for (const address of ["32.7.0", "0-0:43.1.0", "0-0:20.0.0", "0.9.1", "1.8", "", "1-0:1.8.0"])
			assert.equal(head.command(`\x01R1\x02${address}()`), failure, address);
		const column = (name: string) => {
			const [a, b, c, d, e] = name.split(/[-:.]/).map(Number);
			return data.structure(
				data.longUnsigned(1),
				data.octetString(Uint8Array.of(a!, b!, c!, d!, e!, 255)),
				data.integer(2),
				data.longUnsigned(0),
			);
		};
		const wanted = data.array(column("1-0:0.9.1"), column("1-0:0.9.2"));
		assert.equal(await bench.with((client) => client.set(readoutList, 3, wanted)), result.success);
		// that took no time; the answer comes 200 ms after the question
		assert.equal(head.command("\x01R1\x020.9.2()"), `[STX]0.9.2(${dateIn(0)})`);
		assert.match(head.command("\x01R1\x020.9.1()"), /^\[STX\]0\.9\.1\(\d{6}\)$/);
		assert.equal(head.command("\x01R1\x021.8.0()"), failure);
		assert.equal(head.command("\x01B0"), "");
		assert.equal(head.port.state, "idle");
	});

	it("F44 F52: sets the clock as a client does: events 4 and 5 beyond the shift limit, with the port, and none within", async () => {
		await begin(password);
		authorise();
		const before_s = clock().utc_s();
		assert.equal(head.command(`\x01W1\x020.9.1(${timeIn(8)})`), ack);
		assert.ok(clock().utc_s() - before_s >= 8);
		const standard = () => bench.codes(0);
		assert.deepEqual(
			(await standard()).filter((code) => code === 4 || code === 5),
			[],
		);
		assert.equal(head.command(`\x01W1\x020.9.1(${timeIn(-300)})`), ack);
		assert.deepEqual(
			(await standard()).filter((code) => code === 4 || code === 5),
			[4, 5],
		);
		const configuration = await bench.entries(8);
		const setting = configuration.filter(({ code }) => code === 5);
		assert.deepEqual(
			setting.map(({ third }) => String(third).slice(0, 4)),
			["0200"],
		);
		assert.equal(head.command(`\x01W1\x020.9.2(${dateIn(0)})`), ack, "the date that it has");
		assert.equal(head.command(`\x01W1\x020-0:1.0.0(${dateIn(60)}${timeIn(60)})`), ack);
	});

	it("SEC-time F44: moves the clock a quarter of an hour a day at the most, and takes nothing that is no time", async () => {
		await begin(password);
		authorise();
		const offset_s = clock().utc_s() - bench.simulated.monotonic_ms() / 1000;
		for (const text of [
			`0.9.1(${timeIn(901)})`,
			`0.9.2(${dateIn(86_400)})`,
			`0-0:1.0.0(${dateIn(86_400)}${timeIn(0)})`,
			"0.9.1(240000)",
			"0.9.1(126000)",
			"0.9.1(12000)",
			"0.9.1(1200000)",
			"0.9.1()",
			"0.9.1(12:00:00)",
			"0.9.1(-10000)",
			"0.9.2(251301)",
			"0.9.2(250230)",
			"0-0:1.0.0(2512281)",
			"0.9.3(120000)",
			"1.8.0(000000)",
			"0-0:20.0.0(31415926)",
		])
			assert.equal(head.command(`\x01W1\x02${text}`), failure, text);
		const moved_s = clock().utc_s() - bench.simulated.monotonic_ms() / 1000 - offset_s;
		assert.ok(Math.abs(moved_s) < 1.5, `${moved_s} s`);
		assert.equal(head.command(`\x01W1\x020.9.1(${timeIn(600)})`), ack);
		assert.equal(head.command(`\x01W1\x020.9.1(${timeIn(600)})`), failure);
		assert.deepEqual(await bench.with((client) => client.read(ref(8, "0-0:1.0.0.255"), 4).then(asNumber)), 0);
	});

	it("F43 F44: a clock that has lost its time takes date and time together, and no half of them", async () => {
		await begin(password, { rtc_s: undefined });
		authorise();
		assert.equal(head.command("\x01W1\x020.9.1(120000)"), failure);
		assert.equal(head.command("\x01W1\x020.9.2(260301)"), failure);
		assert.equal(clock().isValid, false);
		assert.equal(head.command("\x01W1\x020-0:1.0.0(260301120000)"), ack);
		assert.equal(clock().isValid, true);
		assert.equal(dateIn(0), "260301");
	});

	it("F126 SEC-lock: three wrong passwords end the session with B0, are one event with the port, and delay the next by 1, 2, 4 s", async () => {
		await begin(password);
		head.enter();
		for (let n = 0; n < 2; n++) assert.equal(head.command("\x01P1\x02(00000000)"), failure);
		assert.equal(head.command("\x01P1\x02(00000000)"), broken);
		assert.deepEqual(await bench.codes(1), [46]);
		assert.deepEqual(
			(await bench.entries(7)).map(({ third }) => String(third).slice(0, 4)),
			["0200"],
		);
		for (const delay_s of [1, 2]) {
			assert.equal(head.enter(), broken, `within ${delay_s} s`);
			head.listen(1000 * delay_s - 500);
			assert.equal(head.enter(), opened, `after ${delay_s} s`);
			assert.equal(head.command("\x01P1\x02(00000000)"), broken);
		}
		assert.equal(head.enter(), broken);
		assert.ok((await bench.codes(1)).includes(53), "an attempt at a port that is locked");
		assert.equal((await bench.codes(1)).filter((code) => code === 46).length, 1, "one burst");
		const read = (attribute: number) =>
			bench.with(async (client) => asNumber(await client.read(protection, attribute)));
		assert.deepEqual([await read(8), await read(9), await read(10)], [1, 5, 5]);
		const technician = await bench.connect("technician", "optical");
		await technician.read(ref(8, "0-0:1.0.0.255"), 2);
		await technician.close();
		head.listen(4000);
		authorise();
		assert.deepEqual([await read(8), await read(9), await read(10)], [0, 0, 5]);
		head.command("\x01B0");
		head.enter();
		for (let n = 0; n < 2; n++) assert.equal(head.command("\x01P1\x02(00000000)"), failure);
		assert.equal(head.command(`\x01P1\x02(${password})`), ack, "the count began anew");
	});

	it("SEC-lock: the tries are those of the port; clients of the optical port and programming mode count apart", async () => {
		await begin(password);
		assert.equal(await bench.with((client) => client.set(protection, 3, data.longUnsigned(1))), result.success);
		head.enter();
		assert.equal(head.command("\x01P1\x02(31415927)"), broken);
		head.listen(10_000);
		head.enter();
		for (const offered of ["3141592", "314159265", ""]) {
			assert.equal(head.command(`\x01P1\x02(${offered})`), broken, offered);
			head.listen(20_000);
			head.enter();
		}
		assert.equal(head.command(`\x01P1\x02(${password})`), ack);
		// mode unlocked: nobody is delayed, and the session ends all the same
		assert.equal(await bench.with((client) => client.set(protection, 2, data.enum(2))), result.success);
		assert.equal(head.command("\x01P1\x02(00000000)"), broken);
		assert.equal(head.enter(), opened);
	});

	it("F44 F126: setting the clock without the password is denied and counted", async () => {
		await begin(password);
		head.enter();
		const before_s = clock().utc_s();
		for (let n = 0; n < 2; n++) assert.equal(head.command(`\x01W1\x020.9.1(${timeIn(60)})`), failure);
		assert.equal(head.command(`\x01W1\x020.9.1(${timeIn(60)})`), broken);
		assert.deepEqual(await bench.codes(1), [46]);
		assert.ok(clock().utc_s() - before_s < 10);
	});

	it("F52: negatives: wrong serial is silence, wrong check is NAK up to the limit, no acknowledgement is the readout", async () => {
		await begin(password);
		assert.equal(head.ask("/?37845885!\r\n"), "");
		assert.equal(head.ask(`/?${serial}!\r\n`).slice(0, 4), "/SXF");
		assert.match(head.listen(2500), /^\[STX\][\s\S]*1\.8\.0\(\d{6}\.\d{3}\*kWh\)[\s\S]*!\r\n$/);
		head.listen(5000);
		authorise();
		for (let n = 0; n < 3; n++) assert.equal(head.ask("\x01R1\x021.8.0()\x03\x00"), nak);
		assert.equal(head.port.state, "idle");
		assert.equal(head.command("\x01R1\x021.8.0()"), "");
		authorise();
		head.listen(60_000);
		assert.equal(head.port.state, "idle");
		const session = await bench.entries(6);
		const ofHead = session.filter(({ third }) => String(third).startsWith("0200"));
		assert.deepEqual(
			ofHead.map(({ code }) => code),
			[28, 29, 28, 29],
		);
	});

	it("G5: a session ends with the supply; what the meter was told is there again, and the session is not", async () => {
		const flash = new MemoryFlash(flashLayout("desktop").sectorCount);
		await begin(password, { flash });
		authorise();
		assert.equal(head.command(`\x01W1\x020.9.1(${timeIn(500)})`), ack);
		const set_s = clock().utc_s();
		bench.simulated.cutPower();
		const { programs } = flash.statistics;
		assert.equal(head.command(`\x01W1\x020.9.1(${timeIn(60)})`), broken);
		assert.equal(head.enter(), broken);
		head.port.close();
		assert.equal(flash.statistics.programs, programs, "without supply nothing is stored");
		bench.run(10);
		bench.simulated.restorePower();
		bench.run(5);
		assert.ok(Math.abs(clock().utc_s() - set_s - 15) <= 5, "the time that was set");
		head = new OpticalHead(bench);
		assert.equal(head.command("\x01R1\x021.8.0()"), "");
		authorise();
		assert.equal(head.command(`\x01W1\x020.9.1(${timeIn(500)})`), failure, "nor is there a new quarter of an hour");
	});

	it("SEC-lock: a port that is closed hears nobody, also in a session", async () => {
		await begin(password);
		authorise();
		assert.equal(await bench.with((client) => client.set(protection, 2, data.enum(0))), result.success);
		assert.equal(head.command("\x01R1\x021.8.0()"), broken);
		assert.equal(head.enter(), broken);
	});

	it("SEC-opt F52: --programming orders it; the password is set over DLMS alone, protected, and never read", async () => {
		const meter = await RunningMeter.start("ST402D", { programming: true, speed: 0 });
		const { pacer, optical } = meter.simulator;
		pacer.step(3000);
		const stream = new ByteStream(await openTcp({ port: optical }));
		const stepping = setInterval(() => pacer.step(5), 1);
		/** @param length characters of the answer */
		const ask = async (text: string, length: number): Promise<string> => {
			stream.write(fromAscii(text));
			const heard = await stream.take((pending) =>
				pending.length < length ? undefined : { message: pending.slice(0, length), used: length },
			);
			return readable(toAscii(heard));
		};
		try {
			await meter.with("management", async (client) => {
				assert.equal(await client.set(localPort, 7, data.octetString(fromAscii(password))), result.success);
				assert.deepEqual(await client.read(localPort, 7), data.octetString(new Uint8Array(0)));
			});
			assert.match(await ask("/?!\r\n", 7), /^\/SXF5\\2$/);
			stream.clear();
			assert.match(await ask("\x06051\r\n", 16), /^\[SOH\]P0\[STX\]\(\d{8}\)$/);
			assert.equal(await ask(blockOf(`\x01P1\x02(${password})`), 1), ack);
			assert.match(await ask(blockOf("\x01R1\x021.8.0()"), 24), /^\[STX\]1\.8\.0\(\d{6}\.\d{3}\*kWh\)$/);
			stream.write(fromAscii(blockOf("\x01B0")));
			assert.match(await ask("/?!\r\n", 7), /^\/SXF5\\2$/);
		} finally {
			clearInterval(stepping);
			await stream.close();
			await meter.close();
		}
	});
});
