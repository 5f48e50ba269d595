// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { createHouseholdMeter } from "../../bench/household-meter.js";
import type { SimulatedMeter } from "../../hosts/simulator/simulated-meter.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { formatFixed } from "../../src/core/fixed-point-text.js";
import { type ModelDescriptor, sm402d, st402c, st402d } from "../../src/models/model.js";
import type { Display, DisplayPicture } from "../../src/ports/display.js";
import { flashLayout } from "../../src/storage/layout.js";
import { MeterBench } from "../events/meter-bench.js";
import type { Data } from "../support/client/axdr.js";
import { asNumber, asOctets, data, elementsOf, encodeLogicalName, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";

const list = (e: number) => ref(7, `0-0:21.0.${e}.255`);
const setting = (e: number) => ref(1, `0-0:96.56.${e}.255`);
const message = (e: number) => ref(1, `0-0:96.13.${e}.255`);
const column = (classId: number, name: string, attribute = 2): Data =>
	data.structure(
		data.longUnsigned(classId),
		data.octetString(encodeLogicalName(`${name}.255`)),
		data.integer(attribute),
		data.longUnsigned(0),
	);
const times = (item: number, light: number, back: number): Data =>
	data.structure(data.unsigned(item), data.unsigned(light), data.unsigned(back));
const formats = (...values: number[]): Data => data.structure(...values.map((value) => data.unsigned(value)));
const options = (zeros: boolean, units: boolean, codes: boolean, language = 0): Data =>
	data.structure(data.boolean(zeros), data.boolean(units), data.boolean(codes), data.unsigned(language));

describe("display", () => {
	let bench: MeterBench;

	function start(model: ModelDescriptor = st402d): void {
		bench = new MeterBench({ model });
		for (const phase of [1, 2, 3] as const)
			if (phase <= model.phases) bench.grid.setPhase(phase, { voltage_V: 230, current_A: 5, angle_deg: 0 });
		bench.run(3);
	}
	beforeEach(() => start());

	const picture = () => bench.simulated.picture;
	const set = (object: ReturnType<typeof ref>, value: Data, attribute = 2): Promise<number> =>
		bench.with((client) => client.set(object, attribute, value));

	/** What is seen in so many seconds, each code with the values it had. */
	function seen(seconds: number): Map<string, string[]> {
		const found = new Map<string, string[]>();
		for (let n = 0; n < seconds; n++) {
			bench.run(1);
			const { code, value, unit } = picture();
			found.set(code, [...(found.get(code) ?? []), `${value} ${unit}`.trim()]);
		}
		return found;
	}

	function press(held_s = 0.3): void {
		bench.simulated.housing.set({ serviceButton: true });
		bench.run(held_s);
		bench.simulated.housing.set({ serviceButton: false });
		bench.run(0.01);
	}

	it("F46 F40 F03 shows each value of the automatic list for the set time, as a client reads it", async () => {
		bench.run(3600);
		const first = await bench.with(async (client) => asNumber(await client.read(ref(3, "1-0:1.8.0.255"), 2)));
		const found = seen(120);
		const kWh = `${formatFixed(Math.floor(first / 100), 1, 7)} kWh`;
		assert.equal(found.get("1.8.0")?.[0], kWh);
		assert.equal(found.get("96.14.0")?.[0], "T1");
		assert.equal(found.get("96.3.10")?.[0], "ON");
		assert.match(found.get("1.0.0")![0]!, /^25-12-25$/);
		assert.match(found.get("1.0.0")![3]!, /^\d\d:\d\d:\d\d$/);
		assert.ok(!found.has("96.13.1"), "no message");
		assert.equal(await set(setting(1), times(12, 30, 60)), result.success);
		bench.run(20);
		const codes: string[] = [];
		for (let n = 0; n < 60; n++) {
			bench.run(1);
			codes.push(picture().code);
		}
		const change = codes.findIndex((code) => code !== codes[0]);
		assert.deepEqual(new Set(codes.slice(change, change + 12)).size, 1);
		assert.notEqual(codes[change + 12], codes[change]);
	});

	it("F46 G13 follows a list that management writes, over a restart; refuses what is not there; A+ is left when nothing is named", async () => {
		const columns = data.array(column(3, "1-0:32.7.0"), column(3, "1-0:31.7.0"), column(4, "1-0:1.6.0", 5));
		assert.equal(await set(list(1), columns, 3), result.success);
		for (const wrong of [
			column(3, "1-0:99.99.9"),
			column(1, "1-0:32.7.0"),
			column(3, "1-0:32.7.0", 9),
			column(15, "0-0:40.0.0"),
		])
			assert.equal(await set(list(1), data.array(wrong), 3), result.otherReason);
		const buffer = await bench.with((client) => client.read(list(1), 2));
		const [row] = elementsOf(buffer, 1);
		assert.equal(asNumber(elementsOf(row!, 3)[0]!), 2300);
		bench.cutPower(10);
		bench.run(6);
		const found = seen(40);
		assert.deepEqual([...found.keys()].sort(), ["1.6.0", "31.7.0", "32.7.0"]);
		assert.equal(found.get("32.7.0")?.[0], "230.0 V");
		assert.equal(found.get("31.7.0")?.[0], "5.00 A");
		assert.equal(found.get("1.6.0")?.[0], "--------", "no maximum yet");
		assert.equal(await set(list(1), data.array(), 3), result.success);
		bench.run(6);
		assert.deepEqual([...seen(20).keys()], ["1.8.0"]);
	});

	it("F46 F03 F50 goes through test, A+, manual and service list with short presses, and back when left alone", async () => {
		press();
		assert.deepEqual([picture().value, picture().code, picture().symbols], ["88888888", "88.88.88", 31]);
		press();
		assert.equal(picture().code, "1.8.0");
		const codes: string[] = [];
		for (let n = 0; n < 60; n++) {
			press();
			codes.push(picture().code);
			if (picture().code === "0.2.8" && codes.filter((code) => code === "0.2.8").length === 1)
				assert.equal(
					picture().value,
					Buffer.from(bench.simulated.meter.application.firmware.metrology.checksum.subarray(0, 4))
						.toString("hex")
						.toUpperCase(),
				);
			if (picture().code === "97.97.0") assert.equal(picture().value, "00000000");
			if (picture().code === "16.7.0") assert.match(picture().value, /^3\.4\d\d$/);
		}
		const end = codes.indexOf("96.2.0");
		assert.ok(end > 30);
		assert.deepEqual(codes.slice(end + 2, end + 4), ["88.88.88", "1.8.0"], "the automatic list, then once more");
		assert.ok(codes.indexOf("15.8.0") === 0 && codes.indexOf("97.97.0") > codes.indexOf("72.7.0"));
		const left = picture().code;
		bench.run(55);
		assert.equal(picture().code, left);
		assert.equal((picture().symbols ?? 0) & 4, 0, "the back-light is off after 30 s");
		bench.run(20);
		assert.equal(picture().symbols, 0);
		assert.ok(seen(70).has("96.14.0"));
	});

	it("F50 leaves long presses to the switch", () => {
		press(3);
		assert.notEqual(picture().code, "88.88.88");
		assert.equal(picture().symbols, 0, "and no light");
	});

	it("F46 has the digits, decimals, zeros, units and codes that are set", async () => {
		bench.run(3600);
		const wh = await bench.with(async (client) => asNumber(await client.read(ref(3, "1-0:1.8.0.255"), 2)));
		assert.equal(await set(list(1), data.array(column(3, "1-0:1.8.0")), 3), result.success);
		assert.equal(await set(setting(2), formats(5, 3, 3, 3)), result.success);
		bench.run(7);
		const value = Number(picture().value);
		assert.match(picture().value, /^\d{5}\.\d{3}$/);
		assert.ok(value * 1000 >= wh && value * 1000 <= wh + 10);
		assert.equal(await set(setting(0), options(false, false, false)), result.success);
		bench.run(7);
		assert.deepEqual([picture().code, picture().unit], ["", ""]);
		assert.match(picture().value, /^[1-9]\.\d{3}$/);
		for (const wrong of [formats(0, 1, 3, 3), formats(7, 2, 3, 3), formats(3, 4, 3, 3), formats(6, 1, 7, 3)])
			assert.equal(await set(setting(2), wrong), result.otherReason);
		assert.equal(await set(setting(1), times(0, 30, 60)), result.otherReason);
		assert.equal(await set(setting(0), options(true, true, true, 7)), result.otherReason);
		assert.equal(await set(setting(2), data.structure(data.unsigned(1))), result.typeUnmatched);
		bench.run(7);
		assert.match(picture().value, /^[1-9]\.\d{3}$/, "as it was");
	});

	it("F161 shows the message of the utility in pieces, with event 99 on change; longer than 1024 octets is refused", async () => {
		const text = "Tariff change\non 1 May";
		assert.equal(await set(message(1), data.octetString(text)), result.success);
		assert.equal(await set(message(1), data.octetString(text)), result.success);
		assert.equal((await bench.codes(0)).filter((code) => code === 99).length, 1);
		const pieces = new Set(seen(90).get("96.13.1"));
		assert.deepEqual([...pieces], ["Tariff c", "hange on", "1 May"]);
		const long = "x".repeat(1024);
		assert.equal(await set(message(0), data.octetString(long)), result.success);
		assert.equal(await set(message(0), data.octetString(`${long}x`)), result.otherReason);
		bench.cutPower(5);
		bench.run(2);
		await bench.with(async (client) => {
			assert.equal(asOctets(await client.read(message(0), 2)).length, 1024);
			assert.equal(Buffer.from(asOctets(await client.read(message(1), 2))).toString(), text);
		});
		assert.equal(await set(message(1), data.octetString("")), result.success);
		assert.ok(!seen(90).has("96.13.1"));
	});

	it("F46 leaves out what a model has not got, and lists what can be configured", async () => {
		start(sm402d);
		const namesOf = async (e: number): Promise<number> =>
			bench.with(async (client) => elementsOf(await client.read(list(e), 3)).length);
		const single = [await namesOf(2), await namesOf(4)];
		start(st402c);
		const behind = [await namesOf(2), await namesOf(4)];
		assert.deepEqual([behind[0]! - single[0]!, behind[1]! - single[1]!], [8, 5], "two phases, ratios, side");
		assert.equal(await set(list(4), data.array(), 3), result.readWriteDenied);
	});

	it("F46 shows somebody who looks what a glass shows that is refreshed each second", () => {
		const build = (display?: Display): SimulatedMeter =>
			createHouseholdMeter({
				model: st402d,
				seed: 3,
				flash: new MemoryFlash(flashLayout("desktop").sectorCount),
				rtc_s: 820_000_000,
				hasNoise: false,
				display,
			}).simulated;
		let told: DisplayPicture | undefined;
		const refreshed = build({ show: (shown) => (told = shown) });
		const asked = build();
		const both = [refreshed, asked];
		const runTo = (at_ms: number): void => {
			for (const meter of both) meter.runTo(at_ms);
		};
		let seen = 0;
		// the values between two looks go by unseen; the button is pressed in between
		for (const at_s of [1, 2, 9, 60, 61, 62, 63, 64, 305, 306, 307, 1000, 1001, 2400, 2401, 2403, 2410]) {
			runTo(at_s * 1000 + 400);
			assert.deepEqual(asked.picture, told, `after ${at_s} s`);
			seen++;
			if (at_s % 2 === 1) continue;
			for (const isHeld of [true, false]) {
				for (const meter of both) meter.housing.set({ serviceButton: isHeld });
				runTo(at_s * 1000 + (isHeld ? 600 : 610));
			}
			assert.deepEqual(asked.picture, told, `button after ${at_s} s`);
		}
		assert.equal(seen, 17);
	});

	it("writes decimal fractions of both signs", () => {
		assert.deepEqual([formatFixed(0, 1), formatFixed(-5, 2), formatFixed(1234, 3)], ["0.0", "-0.05", "1.234"]);
	});
});
