// SPDX-License-Identifier: Apache-2.0

/** Order of the channels everywhere in the simulator: voltages in volts, currents in amperes into the installation. */
export const channel = Object.freeze({ u1: 0, u2: 1, u3: 2, i1: 3, i2: 4, i3: 5, neutral: 6 });
export const channelCount = 7;

/** One sinusoid: `√2 · rms · cos(order · θ + phase_rad)`, θ the running angle of the mains. Order 0 is DC (rms = level). */
export interface Component {
	readonly order: number;
	readonly rms: number;
	readonly phase_rad: number;
}

/** What the terminals see while nothing changes. `channels[c]` holds the components of channel c, fundamental first. */
export interface PhasorState {
	readonly frequency_Hz: number;
	readonly channels: readonly (readonly Component[])[];
}

/**
 * The terminals of the meter: the only thing that a front-end model knows of the outside world.
 *
 * Two ways to look at them (one for each gear of the models). `phasors` is the steady state that holds now; it is a new
 * object whenever something changed, so that a model may cache what it derived from it. `sample` gives instantaneous
 * values at any past or present instant since the last call and is continuous over changes.
 */
export interface Terminals {
	/** True for a recording: there are no phasors, only samples, and the models must run in waveform gear. */
	readonly isRecording: boolean;
	phasors(): PhasorState;
	/**
	 * Fills `into[c][0 … count-1]` with channel c at `start_s + n / rate_Hz`, band-limited for that rate.
	 * Models read forward in time; a change of the mains splits their blocks (`TerminalListener`).
	 */
	sample(start_s: number, rate_Hz: number, count: number, into: readonly Float64Array[]): void;
}

/** Told right before the state of the terminals changes, so that a model can finish the past under the old state. */
export interface TerminalListener {
	advanceTo(time_s: number): void;
}
