// SPDX-License-Identifier: Apache-2.0
/// <reference path="../../../hosts/esp32/types/moddable.d.ts" />

import assert from "node:assert/strict";
import { wiring } from "../../../hosts/esp32/wiring.js";
import { since2000_s } from "../../support/since-2000.js";
import "./sdk/install.js";
import { DeviceError } from "../../../src/core/device-error.js";
import { housingSignal } from "../../../src/ports/housing.js";
import FakeAnalog from "./sdk/analog.js";
import FakeDigital from "./sdk/digital.js";
import FakeDigitalBank from "./sdk/digitalbank.js";
import FakeSmbus from "./sdk/smbus.js";
import FakeSpi from "./sdk/spi.js";
import Time from "./sdk/time.js";

const { SpiBusDevice } = await import("../../../hosts/esp32/adapters/spi-bus-device.js");
const { ClockLeds } = await import("../../../hosts/esp32/adapters/clock-leds.js");
const { Ds3231 } = await import("../../../hosts/esp32/adapters/ds3231.js");
const { HousingPins } = await import("../../../hosts/esp32/adapters/housing-pins.js");
const { IoExpander } = await import("../../../hosts/esp32/adapters/io-expander.js");
const { MonotonicClock } = await import("../../../hosts/esp32/adapters/monotonic-clock.js");
const { TurnPace } = await import("../../../hosts/esp32/adapters/turn-pace.js");
const { PartitionFlash } = await import("../../../hosts/esp32/adapters/partition-flash.js");

const spiOptions = { port: 1, clock: 18, in: 19, out: 23, select: 21, active: 0, hz: 8e6, mode: 0 } as const;
const busOptions = { data: 25, clock: 26, hz: 400_000, address: 0x68 };

/** 2000-01-01 in milliseconds of the UNIX epoch, to compare with the calendar of node. */

describe("hosts/esp32/adapters", () => {
	describe("SPI device", () => {
		it("releases the select line after each frame, and exchanges the frame in place", () => {
			FakeSpi.log.length = 0;
			const device = new SpiBusDevice(spiOptions);
			const frame = Uint8Array.of(1, 2, 3);
			device.transfer(frame);
			assert.deepEqual(frame, Uint8Array.of(2, 3, 4));
			assert.deepEqual(FakeSpi.log, ["transfer 3", "flush true"]);
		});

		it("splits a frame above 1024 octets under one selection", () => {
			FakeSpi.log.length = 0;
			const frame = new Uint8Array(2500).fill(7);
			new SpiBusDevice(spiOptions).transfer(frame);
			assert.deepEqual(FakeSpi.log, ["transfer 1024", "transfer 1024", "transfer 452", "flush true"]);
			assert.ok(frame.every((octet) => octet === 8));
		});
	});

	describe("inputs, outputs and relays", () => {
		const [relays, terminals] = [0x21, 0x22];
		const at = (address: number) => ({ ...busOptions, address });
		afterEach(() => {
			FakeSmbus.isPresent = true;
			FakeSmbus.pulledLow.clear();
		});

		it("F67 F69: drive nothing after a start, then each its pin, active low, and keep the pins they read released", () => {
			const io = new IoExpander(at(relays), at(terminals));
			assert.deepEqual([FakeSmbus.ports.get(relays), FakeSmbus.ports.get(terminals)], [0xff, 0xff]);
			io.drive(0b101_0010);
			assert.deepEqual([FakeSmbus.ports.get(relays), FakeSmbus.ports.get(terminals)], [0xfa, 0xfd]);
		});

		it("F67 F68: read contacts and inputs that are pulled low", () => {
			const io = new IoExpander(at(relays), at(terminals));
			assert.deepEqual([io.closedRelays(), io.inputs()], [0, 0]);
			FakeSmbus.pulledLow.set(relays, 0b1101_1111);
			FakeSmbus.pulledLow.set(terminals, 0b0110_1111);
			assert.deepEqual([io.closedRelays(), io.inputs()], [0b010, 0b1001]);
		});

		it("tell a part that does not answer", () => {
			FakeSmbus.isPresent = false;
			const io = new IoExpander(at(relays), at(terminals));
			for (const act of [() => io.inputs(), () => io.drive(1), () => io.closedRelays()])
				assert.throws(act, (error) => error instanceof DeviceError && error.part === "io");
		});
	});

	describe("housing", () => {
		const { housing: pins } = wiring;
		const bothCovers = (1 << pins.meterCover) | (1 << pins.terminalCover);

		for (const [name, closed, signals] of [
			["nothing of a meter in order", bothCovers, 0],
			["an open meter cover", 1 << pins.terminalCover, housingSignal.meterCoverOpen],
			["an open terminal cover", 1 << pins.meterCover, housingSignal.terminalCoverOpen],
			["an open seal", bothCovers | (1 << pins.seal), housingSignal.sealOpen],
			["a magnet", bothCovers | (1 << pins.magnet), housingSignal.magneticField],
			["the service button", bothCovers | (1 << pins.serviceButton), housingSignal.serviceButton],
			["the factory's link", bothCovers | (1 << pins.factoryLink), housingSignal.factoryLink],
			["the button that resets demand", bothCovers | (1 << pins.resetButton), housingSignal.resetButton],
			[
				"broken wires as open covers, never as an open seal",
				0,
				housingSignal.meterCoverOpen | housingSignal.terminalCoverOpen,
			],
		] as const) {
			it(`tells ${name}`, () => {
				FakeDigitalBank.closed = closed;
				assert.equal(new HousingPins(pins).signals(), signals);
			});
		}

		it("gives the field in 256 steps", () => {
			const housing = new HousingPins(pins);
			for (const [sample, strength] of [
				[0, 0],
				[15, 0],
				[16, 1],
				[4095, 255],
			] as const) {
				FakeAnalog.sample = sample;
				assert.equal(housing.fieldStrength(), strength);
			}
		});
	});

	describe("DS3231", () => {
		beforeEach(() => {
			FakeSmbus.isPresent = true;
			FakeSmbus.registers.fill(0);
		});

		it("F41 keeps the time it was given, for every month and both ends of the century", () => {
			const clock = new Ds3231(busOptions);
			for (const time of [
				Date.UTC(2000, 0, 1),
				Date.UTC(2024, 1, 29, 23, 59, 59),
				Date.UTC(2099, 11, 31, 23, 59, 59),
			]) {
				clock.set(since2000_s(time));
				assert.equal(clock.utc_s(), since2000_s(time));
			}
			for (let month = 0; month < 12; month++) {
				const utc_s = since2000_s(Date.UTC(2026, month, 28, 12, 34, 56));
				clock.set(utc_s);
				assert.equal(clock.utc_s(), utc_s);
			}
		});

		it("writes the registers of the data sheet", () => {
			new Ds3231(busOptions).set(since2000_s(Date.UTC(2026, 10, 24, 18, 5, 9))); // a Tuesday
			assert.equal(Buffer.from(FakeSmbus.registers.subarray(0, 7)).toString("hex"), "09051802241126");
		});

		it("F45 has no time when the oscillator stopped, the part is absent or the registers are nonsense", () => {
			const clock = new Ds3231(busOptions);
			clock.set(1000);
			FakeSmbus.registers[0x0f] = 0x80;
			assert.equal(clock.utc_s(), undefined);
			clock.set(1000);
			assert.equal(clock.utc_s(), 1000);
			FakeSmbus.registers[5] = 0x13;
			assert.equal(clock.utc_s(), undefined);
			FakeSmbus.isPresent = false;
			assert.equal(clock.utc_s(), undefined);
			assert.throws(
				() => clock.set(1000),
				(error) => error instanceof DeviceError && error.code === "noAnswer",
			);
		});

		it("F49 gives its square wave of 1 Hz from the start, whatever the part came with", () => {
			FakeSmbus.registers[0x0e] = 0x1c; // after power-up: interrupts, 8 kHz
			const clock = new Ds3231(busOptions);
			assert.equal(FakeSmbus.registers[0x0e], 0);
			clock.set(1000);
			assert.equal(FakeSmbus.registers[0x0e], 0);
			FakeSmbus.isPresent = false;
			assert.equal(new Ds3231(busOptions).utc_s(), undefined);
		});

		it("refuses a time outside its century", () => {
			const clock = new Ds3231(busOptions);
			const isRange = (error: unknown): boolean => error instanceof DeviceError && error.code === "range";
			assert.throws(() => clock.set(-1), isRange);
			assert.throws(() => clock.set(since2000_s(Date.UTC(2100, 0, 1))), isRange);
		});
	});

	describe("gates of the test LEDs", () => {
		it("F49 let the square wave through where it is wanted, and nowhere at the start", () => {
			const leds = new ClockLeds([2, 12]);
			const levels = () => [FakeDigital.levels.get(2), FakeDigital.levels.get(12)];
			assert.deepEqual(levels(), [0, 0]);
			leds.setClock(0, true);
			assert.deepEqual(levels(), [1, 0]);
			leds.setClock(0, false);
			leds.setClock(1, true);
			assert.deepEqual(levels(), [0, 1]);
		});
	});

	describe("monotonic clock", () => {
		it("counts on over the wrap of the tick counter, and only when it is told to", () => {
			Time.ticks = 0xffff_fff0;
			const clock = new MonotonicClock();
			Time.ticks = 0x10;
			assert.equal(clock.monotonic_ms(), 0);
			assert.equal(clock.update(), 0x20);
			assert.equal(clock.monotonic_ms(), 0x20);
		});
	});

	describe("pace of a turn", () => {
		it("is spent after half a turn, over the wrap of the tick counter too, and begins anew", () => {
			Time.ticks = 0xffff_fff8;
			const pace = new TurnPace();
			pace.begin();
			Time.ticks = 1;
			assert.equal(pace.isSpent, false);
			Time.ticks = 2;
			assert.equal(pace.isSpent, true);
			pace.begin();
			assert.equal(pace.isSpent, false);
		});
	});

	describe("flash partition", () => {
		it("reads, clears bits and erases, and reports the SDK's errors as those of the flash", () => {
			const flash = new PartitionFlash("meter");
			assert.deepEqual([flash.sectorSize, flash.sectorCount], [4096, 2]);
			const octets = new Uint8Array(2);
			flash.program(4095, Uint8Array.of(0xf0, 0x0f));
			flash.read(4095, octets);
			assert.deepEqual(octets, Uint8Array.of(0xf0, 0x0f));
			flash.erase(1);
			flash.read(4095, octets);
			assert.deepEqual(octets, Uint8Array.of(0xf0, 0xff));
			const isRefused = (error: unknown): boolean => error instanceof DeviceError && error.part === "flash";
			assert.throws(() => flash.read(8191, octets), isRefused);
			assert.throws(() => flash.erase(2), isRefused);
			assert.throws(() => new PartitionFlash("other"), isRefused);
		});
	});
});
