// SPDX-License-Identifier: Apache-2.0
import { Grid } from "../../hosts/simulator/grid/grid.js";
import { SimulatedSwitch } from "../../hosts/simulator/simulated-switch.js";
import { SupplyControl } from "../../src/control/supply-control.js";
import type { MetrologyView } from "../../src/metrology/view.js";
import { st402d } from "../../src/models/model.js";
import { housingSignal } from "../../src/ports/housing.js";
import { MemoryStore } from "../support/stores.js";

/** The switch control of a three-phase meter on a simulated relay, in stepped time. */
export class SwitchBench {
	now_ms = 1_000_000;
	readonly store = new MemoryStore();
	readonly grid = new Grid({ phases: 3, frequency_Hz: 50, voltage_V: 230 });
	readonly relay: SimulatedSwitch = new SimulatedSwitch(this.grid, 3, { monotonic_ms: () => this.now_ms });
	/** Codes of the disconnector log, in order. */
	readonly events: number[] = [];
	current_mA = 0;
	isButtonHeld = false;
	control: SupplyControl = this.#start();

	/** Lets time pass; everything that is due happens on time. */
	advance(duration_ms: number): void {
		const end_ms = this.now_ms + duration_ms;
		while (this.control.deadline_ms <= end_ms) {
			this.now_ms = Math.max(this.now_ms, this.control.deadline_ms);
			this.control.run(this.now_ms);
		}
		this.now_ms = end_ms;
	}

	/** A hard cut, and a start later. */
	restart(pause_ms = 60_000): void {
		this.relay.powerDown();
		this.now_ms += pause_ms;
		this.control = this.#start();
	}

	/** Puts the switch into a state of a mode, as if it had always been so. */
	prepare(mode: number, state: number): void {
		const { record } = this.control;
		record.mode = mode;
		record.state = state;
		record.save();
		const isClosed = state === 1;
		if ((this.relay.closedPoles() === 7) !== isClosed) {
			this.relay.drive(isClosed ? 1 : 2);
			this.now_ms += 100;
			this.relay.drive(0);
		}
		this.restart();
		this.events.length = 0;
	}

	#start(): SupplyControl {
		const events = {
			event: (_log: number, code: number) => this.events.push(code),
			eventAt: () => undefined,
			memoryFailed: () => undefined,
		};
		const metrology = { current_mA: () => this.current_mA } as unknown as MetrologyView;
		const housing = {
			signals: () => (this.isButtonHeld ? housingSignal.serviceButton : 0),
			fieldStrength: () => 0,
		};
		return new SupplyControl({
			model: st402d,
			relay: this.relay,
			clock: { monotonic_ms: () => this.now_ms },
			journal: this.store,
			parameters: this.store,
			events,
			metrology,
			housing,
		});
	}
}
