// SPDX-License-Identifier: Apache-2.0

import type { SwitchingOrder } from "../../src/control/switching-order.js";
import { shortestClientChallenge } from "../../src/cosem/security/security-state.js";
import type { ReadoutSupplier } from "../../src/iec62056-21/data-readout.js";
import type { RelayOrder } from "../../src/io/relay-order.js";
import { relayOptions } from "../../src/io/relay-record.js";
import { createMeter, type Meter } from "../../src/main.js";
import type { ApparentMethod, Summation } from "../../src/metrology/energy-registers.js";
import { factorySettings } from "../../src/metrology/measurement-settings.js";
import type { DeviceIdentity } from "../../src/models/identity.js";
import { type ModelDescriptor, optionBit } from "../../src/models/model.js";
import type { Cipher } from "../../src/ports/cipher.js";
import type { Clock } from "../../src/ports/clock.js";
import type { Display, DisplayPicture } from "../../src/ports/display.js";
import type { Flash } from "../../src/ports/flash.js";
import type { Fram } from "../../src/ports/fram.js";
import type { Log } from "../../src/ports/log.js";
import type { Outlet } from "../../src/ports/outlet.js";
import type { Pace } from "../../src/ports/pace.js";
import type { Random } from "../../src/ports/random.js";
import type { Ade7953Model } from "./afe/ade7953/ade7953-model.js";
import { WaveformSampler } from "./afe/ade7953/waveform-sampler.js";
import { Ade9000Model } from "./afe/ade9000/ade9000-model.js";
import { NodeCipher } from "./cipher/node-cipher.js";
import { installCertificates, makeTestCertificates } from "./factory/certificates.js";
import {
	installCalibration,
	installRelayOrders,
	installSettings,
	installSwitchingOrder,
	isBlank,
} from "./factory/manufacture.js";
import { createChip } from "./factory/simulated-bench.js";
import { type BoardTolerances, drawTolerances } from "./factory/tolerances.js";
import { Grid } from "./grid/grid.js";
import type { Household } from "./grid/household.js";
import type { Recording } from "./grid/recording.js";
import type { PhasorState } from "./grid/terminals.js";
import { firmwareParts } from "./identity.js";
import { SimulatedRtc } from "./rtc.js";
import { SimulatedHousing } from "./simulated-housing.js";
import { SimulatedIo } from "./simulated-io.js";
import { SimulatedLeds } from "./simulated-leds.js";
import { SimulatedSwitch } from "./simulated-switch.js";
import { SwitchedHandler } from "./switched-handler.js";
import { SwitchedReadout } from "./switched-readout.js";
import { testKeysOf } from "./test-keys.js";

export interface SimulatedMeterOptions {
	readonly model: ModelDescriptor;
	readonly identity: DeviceIdentity;
	/** What the terminals are connected to. */
	readonly terminals: Grid | Recording;
	/** Drives the loads of the grid. */
	readonly household?: Household | undefined;
	/** Noise of the front end. */
	readonly seed: number;
	readonly hasNoise?: boolean;
	readonly gear?: "phasor" | "waveform";
	/** Errors of the board, which the calibration takes out; drawn from the seed unless given (`noTolerances` for none). */
	readonly tolerances?: BoardTolerances;
	readonly flash: Flash;
	/** Left out for a board without the part. */
	readonly fram?: Fram | undefined;
	/** What the factory seals besides the calibration; unless given, vector sum and the sum of voltamperes. */
	readonly summation?: Summation;
	readonly apparentMethod?: ApparentMethod;
	/** What relays 1 to 3 were ordered for; load control unless given. */
	readonly relays?: readonly RelayOrder[] | undefined;
	/** What was ordered for the switch, and against the switching of many meters at once; nothing unless given. */
	readonly switching?: SwitchingOrder | undefined;
	/** The factory has yet to calibrate the board and to seal the result in `flash`; unless given, when that is blank. */
	readonly isNew?: boolean;
	readonly random: Random;
	readonly cipher?: Cipher;
	/** Security suite as from the factory; 0 unless given. */
	readonly suite?: number;
	/** Authentication mechanism of a client by its name, where it is another than usual. */
	readonly mechanisms?: { readonly [client: string]: number };
	/** System titles that are taken from a client by its name, where not each one is. */
	readonly clientTitles?: { readonly [client: string]: readonly Uint8Array[] };
	/** Octets that a client's challenge has at least; 8 unless given. */
	readonly shortestChallenge?: number;
	/** The public client is not told which meter this is. */
	readonly hidesName?: boolean;
	/** Has long answers cut short, as on the board; left out where nothing else waits. */
	readonly pace?: Pace;
	/** Programming mode of the optical port was ordered. */
	readonly allowsProgramming?: boolean;
	/** Time of the real-time clock part at the start, seconds since 2000; undefined when it lost its time. */
	readonly rtc_s: number | undefined;
	/** The meter is not told that its chip stands still, and polls it as on a board. */
	readonly isUntold?: boolean;
	/** A glass that is refreshed each second; the picture of the simulator unless given. */
	readonly display?: Display;
	readonly rtcChanged?: (utc_s: number) => void;
	/** Time of links and associations; meter time unless given. */
	readonly lineClock?: Clock;
	/** The IP link; without it nothing is pushed. */
	readonly outlet?: Outlet;
	readonly log: Log;
}

const memorySize = "desktop";
const noEvent = Number.POSITIVE_INFINITY;
/** How often the event interrupt of the front end is looked at while it may fall: for so long after a change of the mains. */
const pinStep_ms = 5;
const pinAlert_ms = 60;
const blank: DisplayPicture = Object.freeze({ code: "", value: "", unit: "" });

/**
 * One meter with the world around it, in virtual time: nothing moves but in `runTo`.
 *
 * Between mains and meter there is only the front-end model: SPI frames and pins. Taking the supply away drops the meter
 * as it stands; giving it back starts another one on the same non-volatile memory.
 */
export class SimulatedMeter implements Clock, Display {
	/** The meter, or the last one while there is no supply. */
	meter: Meter;
	/** What the links talk to, over cuts of the supply. */
	readonly handler = new SwitchedHandler();
	readonly frontEnd: Ade9000Model | Ade7953Model;
	readonly terminals: Grid | Recording;
	readonly rtc: SimulatedRtc;
	readonly housing = new SimulatedHousing();
	readonly leds: SimulatedLeds;
	/** Undefined without the option. */
	readonly supplySwitch: SimulatedSwitch | undefined;
	/** Undefined without the option. */
	readonly io: SimulatedIo | undefined;
	household: Household | undefined;
	/** The picture is made when somebody looks. */
	readonly isAsking = true;
	#picture: DisplayPicture = blank;
	isPowered = true;
	readonly #options: SimulatedMeterOptions;
	readonly #grid: Grid | undefined;
	/** The chip, where it has an interrupt pin for dips and swells. */
	readonly #quality: Ade9000Model | undefined;
	readonly #firmware = firmwareParts();
	#now_ms = 0;
	#next_ms = 0;
	#isEventPinLow = false;
	/** State of the mains that was seen last, and until when the pin is looked at because of it. */
	#mains: PhasorState | undefined;
	#alertUntil_ms = 0;

	constructor(options: SimulatedMeterOptions) {
		const { model, terminals, seed, flash } = options;
		this.#options = options;
		this.terminals = terminals;
		this.household = options.household;
		const tolerances = options.tolerances ?? drawTolerances(model, seed);
		if (options.isNew ?? isBlank(flash, memorySize)) {
			installCalibration(flash, memorySize, model, tolerances, seed, options.rtc_s ?? 0);
			const { suite = 0, identity } = options;
			if (suite > 0) installCertificates(flash, memorySize, makeTestCertificates(seed, suite, identity.systemTitle));
			const { summation = "vector", apparentMethod = "rms" } = options;
			installSettings(flash, memorySize, model, { ...factorySettings(model), summation, apparentMethod });
			if (options.relays !== undefined) installRelayOrders(flash, memorySize, options.relays);
			if (options.switching !== undefined) installSwitchingOrder(flash, memorySize, options.switching);
		}
		this.frontEnd = createChip(model, terminals, {
			seed,
			noise: options.hasNoise ?? true,
			gear: terminals.isRecording ? "waveform" : (options.gear ?? "phasor"),
			tolerances,
		});
		this.#grid = terminals instanceof Grid ? terminals : undefined;
		this.#quality = this.frontEnd instanceof Ade9000Model ? this.frontEnd : undefined;
		this.#grid?.addListener(this.frontEnd);
		if ((model.options & optionBit.disconnector) !== 0)
			this.supplySwitch = new SimulatedSwitch(terminals, model.phases, this);
		if ((model.options & optionBit.io) !== 0)
			this.io = new SimulatedIo(relayOptions.filter((option) => (model.options & option) !== 0).length);
		this.handler.onServed = () => {
			if (this.isPowered) this.#next_ms = Math.min(this.#next_ms, this.#now_ms);
		};
		this.housing.onChange = () => {
			if (this.isPowered) this.#next_ms = this.meter.housingChanged(this.#now_ms);
		};
		this.rtc = new SimulatedRtc(this, options.rtc_s, options.rtcChanged);
		this.leds = new SimulatedLeds([this.frontEnd.cf1, this.frontEnd.cf2], this.rtc);
		this.meter = this.#start();
	}

	/** Meter time since the start, milliseconds. */
	monotonic_ms(): number {
		return this.#now_ms;
	}

	show(picture: DisplayPicture): void {
		this.#picture = picture;
	}

	/** What the glass shows. */
	get picture(): DisplayPicture {
		if (this.isPowered) this.meter.lookAtDisplay(this.#now_ms);
		return this.#picture;
	}

	/** A hard cut, without any warning: the meter is gone between two instructions. */
	cutPower(): void {
		if (!this.isPowered) return;
		this.isPowered = false;
		this.handler.server = undefined;
		this.#picture = blank;
		this.#next_ms = noEvent;
		this.rtc.powerDown();
		this.supplySwitch?.powerDown();
		this.io?.powerDown();
		this.housing.powerDown(this.rtc);
		this.leds.powerDown();
		this.frontEnd.powerDown();
	}

	/** The backup supply is used up while the meter has no other: neither the time is kept nor the covers are watched. */
	exhaustBackup(): void {
		if (this.isPowered) return;
		this.housing.watchEnds();
		this.rtc.lose();
	}

	restorePower(): void {
		if (this.isPowered) return;
		this.isPowered = true;
		this.rtc.powerUp();
		this.frontEnd.powerUp();
		this.meter = this.#start();
		this.#next_ms = this.#now_ms;
	}

	/** What an optical port says of the meter that runs now, until that loses its supply. */
	createReadout(): ReadoutSupplier {
		const { meter } = this;
		const isRunning = (): boolean => this.isPowered && this.meter === meter;
		return new SwitchedReadout(meter.createReadout(), isRunning, this.handler.onServed);
	}

	/** Puts voltage on an input (1..4), or takes it away: the meter has an interrupt for it. */
	setInput(input: number, isEnergised: boolean): void {
		this.io?.setInput(input, { isEnergised });
		if (this.isPowered) this.#next_ms = this.meter.inputsChanged(this.#now_ms);
	}

	/** Time of the next thing that the meter or its world will do by itself. */
	get nextDeadline_ms(): number {
		return Math.min(this.#next_ms, (this.household?.nextChange_s ?? noEvent) * 1000);
	}

	/** Lets the world and the meter run up to `target_ms`. */
	runTo(target_ms: number): void {
		const { frontEnd } = this;
		const grid = this.#grid;
		let isUntouched = false; // who knows what happened before
		for (;;) {
			if (this.isPowered && frontEnd.hasMoved()) this.#wake();
			const due_ms = Math.min(this.#next_ms, target_ms, this.#nextLook_ms());
			const household = this.household;
			if (household !== undefined && household.nextChange_s * 1000 <= due_ms) {
				household.advanceTo(household.nextChange_s);
				continue;
			}
			if (due_ms > this.#now_ms) this.#now_ms = due_ms;
			const now_ms = this.#now_ms;
			const now_s = now_ms / 1000;
			grid?.advanceTo(now_s);
			frontEnd.advanceTo(now_s);
			this.leds.advanceTo(now_ms);
			if (this.#hasEventPinFallen()) this.#next_ms = this.meter.frontEndEvent(now_ms);
			if (this.isPowered && this.#next_ms <= now_ms) {
				this.#next_ms = this.meter.advance(now_ms, isUntouched);
				isUntouched = true;
			}
			if (now_ms >= target_ms && this.#next_ms > now_ms) return;
		}
	}

	/** The chip is no longer what the meter was told: since the present of the grid, or since what has been done is done. */
	#wake(): void {
		const now_ms = this.#now_ms;
		const from_ms = Math.max((this.#grid?.now_s ?? 0) * 1000, now_ms + 1);
		this.#next_ms = this.meter.frontEndMoved(from_ms, now_ms);
	}

	/** A chip in phasor gear does nothing by itself while the mains stand still: nobody looks at its pin then. */
	#nextLook_ms(): number {
		const chip = this.#quality;
		if (chip === undefined || !this.isPowered) return noEvent;
		const grid = this.#grid;
		if (grid !== undefined && chip.gear === "phasor") {
			const mains = grid.phasors();
			if (mains !== this.#mains) {
				this.#mains = mains;
				this.#alertUntil_ms = this.#now_ms + pinAlert_ms;
			}
			if (this.#now_ms >= this.#alertUntil_ms) return noEvent;
		}
		return this.#now_ms + pinStep_ms;
	}

	/** The interrupt of dips and swells went low since the last look. */
	#hasEventPinFallen(): boolean {
		const chip = this.#quality;
		if (chip === undefined) return false;
		const isLow = chip.irq1.read() === 0;
		const hasFallen = isLow && !this.#isEventPinLow;
		this.#isEventPinLow = isLow;
		return hasFallen && this.isPowered;
	}

	#start(): Meter {
		const {
			model,
			identity,
			flash,
			fram,
			random,
			cipher,
			lineClock,
			log,
			suite = 0,
			mechanisms = {},
			clientTitles = {},
			shortestChallenge = shortestClientChallenge,
			hidesName = false,
			allowsProgramming = false,
		} = this.#options;
		const meter = createMeter(
			{
				clock: this,
				lineClock: lineClock ?? this,
				rtc: this.rtc,
				flash,
				...(fram === undefined ? {} : { fram }),
				frontEnd: this.frontEnd,
				...("irq0" in this.frontEnd ? { irq0: this.frontEnd.irq0, irq1: this.frontEnd.irq1 } : {}),
				...(this.#options.isUntold === true ? {} : { stillness: this.frontEnd }),
				...this.#samples(),
				random,
				cipher: cipher ?? new NodeCipher(),
				display: this.#options.display ?? this,
				housing: this.housing,
				leds: this.leds,
				...(this.supplySwitch === undefined ? {} : { supplySwitch: this.supplySwitch }),
				...(this.io === undefined ? {} : { io: this.io }),
				...this.#outlet(),
				...(this.#options.pace && { pace: this.#options.pace }),
				log,
			},
			{
				model,
				identity,
				firmware: this.#firmware,
				factorySecurity: {
					...testKeysOf(suite),
					suite,
					mechanisms,
					clientTitles,
					shortestChallenge,
					hidesName,
					allowsProgramming,
				},
				size: memorySize,
			},
		);
		this.handler.server = meter.server;
		return meter;
	}

	/** What becomes of a message is told to the meter that sent it, not to one that has lost its supply since. */
	#outlet(): { outlet?: Outlet } {
		const { outlet } = this.#options;
		if (outlet === undefined) return {};
		return {
			outlet: {
				address: outlet.address,
				listen: (port) => outlet.listen?.(port),
				send: (message, listener) => {
					const { server } = this.handler;
					outlet.send(message, {
						messageSent: (number, isDelivered) => {
							if (this.handler.server === server) listener.messageSent(number, isDelivered);
						},
					});
				},
			},
		};
	}

	/** In phasor gear nothing comes out of the data-ready pin. */
	#samples(): { samples?: WaveformSampler } {
		const chip = this.frontEnd;
		return chip instanceof Ade9000Model || chip.gear === "phasor" ? {} : { samples: new WaveformSampler(chip) };
	}
}
