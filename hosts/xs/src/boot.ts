// SPDX-License-Identifier: Apache-2.0
import { createMeter } from "../../../src/main.js";
import { identityOf } from "../../../src/models/identity.js";
import { st402d } from "../../../src/models/model.js";
import type { SpiDevice } from "../../../src/ports/bus.js";
import type { Clock, RealTimeClock } from "../../../src/ports/clock.js";
import type { Log } from "../../../src/ports/log.js";
import { EngineFlash } from "./support/engine-flash.js";
import { RunnerCipher, RunnerRandom } from "./support/runner-cipher.js";

/** Nothing answers on the bus: MISO is pulled up. */
class SilentBus implements SpiDevice {
	transfer(frame: Uint8Array): void {
		frame.fill(0xff);
	}
}

class SteppedClock implements Clock, RealTimeClock {
	now_ms = 0;
	monotonic_ms(): number {
		return this.now_ms;
	}
	utc_s(): number {
		return 850_000_000 + Math.floor(this.now_ms / 1000);
	}
	set(): void {}
}

class PrintedLog implements Log {
	write(level: string, part: string, message: string): void {
		if (level !== "debug") print(level, part, message);
	}
}

function key(first: number): Uint8Array {
	return new Uint8Array(16).fill(first);
}

/** The whole meter made on an empty flash: what is alive before the first second. */
export default function run(): void {
	const clock = new SteppedClock();
	const part = { identifier: new Uint8Array(12), checksum: new Uint8Array(32) };
	beginSpan("boot");
	const meter = createMeter(
		{
			clock,
			rtc: clock,
			flash: new EngineFlash(),
			frontEnd: new SilentBus(),
			random: new RunnerRandom(),
			cipher: new RunnerCipher(),
			log: new PrintedLog(),
		},
		{
			model: st402d,
			identity: identityOf(st402d, "SXF", 1),
			firmware: { metrology: part, application: part },
			factorySecurity: {
				globalUnicastEncryptionKey: key(1),
				globalBroadcastEncryptionKey: key(2),
				authenticationKey: key(3),
				masterKey: key(4),
			},
			size: "board",
		},
	);
	endSpan("boot");
	reading("boot");
	check("without links nothing of the communication is due", meter.server.nextDeadline_ms === Number.POSITIVE_INFINITY);
}
