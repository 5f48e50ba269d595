// SPDX-License-Identifier: Apache-2.0

/** Why there are harmonics or not. */
export const harmonicsStatus = Object.freeze({
	/** The values are those of the last block. */
	measured: 0,
	/** Nothing samples waveforms on this board. */
	noSource: 1,
	/** No block yet, or the last ones were lost. */
	noBlock: 2,
	/** The mains frequency is beyond what the front end can resample. */
	frequency: 3,
});

/**
 * Harmonics as the rest of the meter may see them: values of the last finished block of four cycles, all of one moment.
 *
 * Each is a share of the fundamental of the same channel in 0.01 % (permyriad), rounded, 0..65535. Voltage is valid from 50 %
 * of the nominal voltage on, current from 5 % of the reference current (0.25 A) on and while any voltage is valid; what is
 * not valid reads 0. Phases are 1..3.
 */
export interface HarmonicsView {
	/** +1 with every block; 0 until the first. */
	readonly blockSequence: number;
	/** One of `harmonicsStatus`. */
	readonly status: number;
	/** Order up to which harmonics are measured and THD is summed: 40 or 20; 0 where nothing samples. */
	readonly highestOrder: number;
	isVoltageValid(phase: number): boolean;
	isCurrentValid(phase: number): boolean;
	/** √(Σ of squares of orders 2..`highestOrder`) over the fundamental. */
	voltageThd_permyriad(phase: number): number;
	currentThd_permyriad(phase: number): number;
	/** @param order 1..`highestOrder`; others read 0 */
	voltageHarmonic_permyriad(phase: number, order: number): number;
	currentHarmonic_permyriad(phase: number, order: number): number;
	/** RMS of the block, all orders of the band; not invalid, and 0 only without blocks. */
	blockVoltage_mV(phase: number): number;
	blockCurrent_mA(phase: number): number;
	/** RMS of one whole cycle that begins with half cycle `half`, 0..6. */
	cycleVoltage_mV(phase: number, half: number): number;
	/** Signed; all orders of the band. */
	blockActivePower_mW(phase: number): number;
	/** Signed, inductive import positive; sum over the orders, and of the fundamental alone. */
	blockReactivePower_mvar(phase: number): number;
	blockFundamentalReactivePower_mvar(phase: number): number;
	/** Mains frequency from the zero crossings of the block; 0 without voltage. */
	blockFrequency_mHz(): number;
}

/** Told once per finished block, after all values of it are in place. */
export interface BlockListener {
	/** @param begin_ms monotonic time at which the four cycles began */
	blockFinished(harmonics: HarmonicsView, begin_ms: number, now_ms: number): void;
}

const nothing = () => 0;
const never = () => false;

/** The view where nothing samples. */
export const noHarmonics: HarmonicsView = Object.freeze({
	blockSequence: 0,
	status: harmonicsStatus.noSource,
	highestOrder: 0,
	isVoltageValid: never,
	isCurrentValid: never,
	voltageThd_permyriad: nothing,
	currentThd_permyriad: nothing,
	voltageHarmonic_permyriad: nothing,
	currentHarmonic_permyriad: nothing,
	blockVoltage_mV: nothing,
	blockCurrent_mA: nothing,
	cycleVoltage_mV: nothing,
	blockActivePower_mW: nothing,
	blockReactivePower_mvar: nothing,
	blockFundamentalReactivePower_mvar: nothing,
	blockFrequency_mHz: nothing,
});
