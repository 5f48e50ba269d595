// SPDX-License-Identifier: Apache-2.0
import type { FirmwarePart } from "../cosem/application.js";
import type { FactorySecurity } from "../cosem/security/security-state.js";
import type { DeviceIdentity } from "../models/identity.js";
import type { ModelDescriptor } from "../models/model.js";
import type { InputPin, SpiDevice, Stillness } from "../ports/bus.js";
import type { Cipher } from "../ports/cipher.js";
import type { Clock, RealTimeClock } from "../ports/clock.js";
import type { Display } from "../ports/display.js";
import type { Flash } from "../ports/flash.js";
import type { Fram } from "../ports/fram.js";
import type { Housing } from "../ports/housing.js";
import type { IoPins } from "../ports/io-pins.js";
import type { Log } from "../ports/log.js";
import type { Outlet } from "../ports/outlet.js";
import type { Pace } from "../ports/pace.js";
import type { Random } from "../ports/random.js";
import type { SupplySwitch } from "../ports/supply-switch.js";
import type { TestLeds } from "../ports/test-leds.js";
import type { WaveformSource } from "../ports/waveform-source.js";

/** What a host gives a meter. */
export interface MeterPorts {
	readonly clock: Clock;
	/** Time of links and associations, where it is another than the meter's (docs/decisions/0006). */
	readonly lineClock?: Clock;
	readonly rtc: RealTimeClock;
	readonly flash: Flash;
	/** Where there is some, a hard cut of the supply costs a second of energy and not a minute. */
	readonly fram?: Fram;
	/** The measuring chip on its SPI bus. */
	readonly frontEnd: SpiDevice;
	/** Interrupt pin 0 of the ADE9000, if wired. */
	readonly irq0?: InputPin;
	/** Interrupt pin 1 of the ADE9000, if wired; the host calls `Meter.frontEndEvent` when it falls. */
	readonly irq1?: InputPin;
	/** Spares reads of what has not changed; left out where nobody can know. */
	readonly stillness?: Stillness;
	/** Sample stream of an ADE7953, where something samples it; without it there are no harmonics. */
	readonly samples?: WaveformSource;
	readonly random: Random;
	readonly cipher: Cipher;
	/** Left out for a meter that cannot be opened. */
	readonly housing?: Housing;
	/** The bistable relay; every meter with the option disconnector has one. */
	readonly supplySwitch?: SupplySwitch;
	/** Inputs, outputs and relays; every meter with the option io has them. The host calls `Meter.inputsChanged` for each edge. */
	readonly io?: IoPins;
	/** Left out for a meter without IP link. */
	readonly outlet?: Outlet;
	/** Left out where a long request keeps nobody waiting. */
	readonly pace?: Pace;
	/** Left out where the test LEDs hang on the measuring chip alone. */
	readonly leds?: TestLeds;
	/** Left out for a meter without glass. */
	readonly display?: Display;
	readonly log: Log;
}

/** What makes this meter the one it is. */
export interface MeterSettings {
	readonly model: ModelDescriptor;
	readonly identity: DeviceIdentity;
	readonly firmware: { readonly metrology: FirmwarePart; readonly application: FirmwarePart };
	readonly factorySecurity: FactorySecurity;
	/** Sizes of buffers and of the profile. */
	readonly size: "board" | "desktop";
}
