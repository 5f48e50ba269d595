// SPDX-License-Identifier: Apache-2.0
import type { Registration } from "./registration.js";

/**
 * What the rest of the meter may see of the metrology: values of the last finished interval, all of one moment.
 *
 * Quantities are addressed by the value group C of their OBIS code, so that there is one numbering: 1 A+, 2 A-, 3 R+,
 * 4 R-, 5..8 R1..R4, 9 S+, 10 S-, 15 |A|, 16 net A, 17..20 active energy of quadrants I..IV; plus 20, 40, 60 for
 * L1, L2, L3 (35 = |A| of L1 and so on). An unknown C gives 0.
 */
export interface MetrologyView {
	/** +1 with every finished measuring interval (1 s); 0 until the first. */
	readonly sequence: number;
	/** Transformers, side of registration and scalers: how to show what follows. */
	readonly registration: Registration;
	/** Totals are sums of what each phase registered (arithmetic); else by the sign of the sum (vector). */
	readonly isArithmetic: boolean;
	/** Apparent energy is √(P² + Q²); else the sum of U·I. */
	readonly isVectorial: boolean;
	/** Energy in 0.1 · 10^s Wh, varh or VAh, s of the registration, truncated; 0 … 42 949 672 959, then from 0 again. C = 16, 36, 56, 76 are signed. */
	energy_units(c: number): number;
	/** Energy at the terminals since the begin of the test mode in mWh, mvarh or mVAh, truncated; 0 outside it. */
	testEnergy_mWh(c: number): number;
	readonly isTestMode: boolean;
	/** What of it belongs to a rate, 1..8; 0 for a quantity without rates. The rates of one add up to its energy modulo the wrap. */
	rate_units(c: number, rate: number): number;
	/** Power of the last interval on the side of registration in mW, mvar or mVA, rounded; the direction that does not flow is 0, C = 16 … signed. */
	power_mW(c: number): number;
	/** RMS of the last second at the terminals, phase 1..3; as the other voltages and currents. */
	voltage_mV(phase: number): number;
	/** Between two phases: 1 L1-L2, 2 L2-L3, 3 L3-L1; 0 while one of the two is missing. */
	lineVoltage_mV(pair: number): number;
	current_mA(phase: number): number;
	/** Neutral current; undefined where the board does not measure it. */
	neutralCurrent_mA(): number | undefined;
	/** 0 when no phase has a usable voltage. */
	frequency_mHz(): number;
	/** Signed by active direction, -1000..1000; phase 0 is the total. 1000 below the starting current. */
	powerFactor_permil(phase: number): number;
	/** Angle of OBIS 1-0:81.7.x, 0..3599 tenths of a degree; x as in the object model. 0 while not measurable. */
	angle_decideg(x: number): number;
	/** Chip temperature, undefined where the front end has no sensor. */
	temperature_degC(): number | undefined;
	/** Impulses of the test outputs per kWh, kvarh and kVAh, in the order of `ledQuantity`, referred to the terminals. */
	readonly ledConstants: readonly number[];
	/** True while the front end delivers; false from 2 s of silence on (values then read 0, energies stand still). */
	readonly isValid: boolean;
}
