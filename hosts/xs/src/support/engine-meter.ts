// SPDX-License-Identifier: Apache-2.0

import type { FactorySecurity } from "../../../../src/cosem/security/security-state.js";
import { calibrationLayout } from "../../../../src/drivers/calibrated-front-end.js";
import { createMeter, type Meter } from "../../../../src/main.js";
import { writeCalibration } from "../../../../src/metrology/calibration.js";
import { identityOf } from "../../../../src/models/identity.js";
import { st402d } from "../../../../src/models/model.js";
import type { SpiDevice } from "../../../../src/ports/bus.js";
import type { Clock, RealTimeClock } from "../../../../src/ports/clock.js";
import type { Fram } from "../../../../src/ports/fram.js";
import type { Log } from "../../../../src/ports/log.js";
import { flashLayout } from "../../../../src/storage/layout.js";
import { RecordLog } from "../../../../src/storage/record-log.js";
import { EngineFlash } from "./engine-flash.js";
import { EnginePace } from "./engine-pace.js";
import { IdleIo } from "./idle-io.js";
import { LatchedSwitch } from "./latched-switch.js";
import { RunnerCipher, RunnerRandom } from "./runner-cipher.js";
import { runnerOperation } from "./runner-operation.js";

/** Time of a scenario, moved by the scenario alone. */
export class SteppedClock implements Clock, RealTimeClock {
	now_ms = 0;
	readonly #start_s: number;

	/** @param start_s seconds since 2000-01-01T00:00:00Z at which the meter starts */
	constructor(start_s = 850_000_000) {
		this.#start_s = start_s;
	}

	monotonic_ms(): number {
		return this.now_ms;
	}
	utc_s(): number {
		return this.#start_s + Math.floor(this.now_ms / 1000);
	}
	set(): void {}
}

/** The SPI bus: the chip is modelled by the runner, at the other end of the frames. */
export class RunnerBus implements SpiDevice {
	readonly #clock: SteppedClock;
	readonly #time = new Uint8Array(8);
	readonly #view = new DataView(this.#time.buffer);

	constructor(clock: SteppedClock) {
		this.#clock = clock;
	}

	transfer(frame: Uint8Array): void {
		this.#view.setFloat64(0, this.#clock.now_ms / 1000);
		callRunner(runnerOperation.spi, this.#time, frame);
	}
}

class PrintedLog implements Log {
	write(level: string, part: string, message: string): void {
		if (level !== "debug") print(level, part, message);
	}
}

function octets(hex: string): Uint8Array {
	const bytes = new Uint8Array(hex.length / 2);
	for (let n = 0; n < bytes.length; n++) bytes[n] = Number.parseInt(hex.slice(2 * n, 2 * n + 2), 16);
	return bytes;
}

/** What the factory leaves in a meter whose chip needs no correction: every register of the calibration at zero. */
function manufacture(flash: EngineFlash): void {
	const { parameters } = flashLayout("board");
	const store = new RecordLog(flash, parameters.firstSector, parameters.sectorCount);
	const layout = calibrationLayout(st402d);
	const values = new Int32Array(layout.count);
	writeCalibration(store, layout, { made_s: 0, unitNumerator: layout.designNumerator, values });
}

/**
 * An ST402D of the board's size, calibrated, with the published test keys.
 * @param fram a part beside the flash @param isNew false: it starts again on the memory of the one before
 * @param ordered what is other than usual in its security
 */
export function engineMeter(
	clock: SteppedClock,
	frontEnd: SpiDevice,
	fram?: Fram,
	isNew = true,
	ordered: Partial<FactorySecurity> = {},
): Meter {
	const flash = new EngineFlash();
	if (isNew) manufacture(flash);
	const part = { identifier: new Uint8Array(12), checksum: new Uint8Array(32) };
	return createMeter(
		{
			clock,
			rtc: clock,
			flash,
			...(fram === undefined ? {} : { fram }),
			frontEnd,
			random: new RunnerRandom(),
			pace: new EnginePace(),
			cipher: new RunnerCipher(),
			supplySwitch: new LatchedSwitch(),
			io: new IdleIo(),
			log: new PrintedLog(),
		},
		{
			model: st402d,
			identity: identityOf(st402d, "SXF", 1),
			firmware: { metrology: part, application: part },
			factorySecurity: {
				globalUnicastEncryptionKey: octets("000102030405060708090a0b0c0d0e0f"),
				globalBroadcastEncryptionKey: octets("0f0e0d0c0b0a09080706050403020100"),
				authenticationKey: octets("d0d1d2d3d4d5d6d7d8d9dadbdcdddedf"),
				masterKey: octets("00112233445566778899aabbccddeeff"),
				...ordered,
			},
			size: "board",
		},
	);
}
