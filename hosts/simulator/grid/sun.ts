// SPDX-License-Identifier: Apache-2.0

/** Where the house stands, and how its roof lies: to the south. */
const latitude_rad = (50 * Math.PI) / 180;
const tilt_rad = (35 * Math.PI) / 180;
/** Tilt of the axis of the earth. */
const obliquity_rad = (23.44 * Math.PI) / 180;
const daysPerYear = 365.2425;
/** Days from a winter solstice to 1 January. */
const solsticeToNewYear = 10;
const noon_s = 12 * 3600;
const secondsPerRadian = 43_200 / Math.PI;
/** Share of the light outside the air that comes through one thickness of it; the light outside, kW/m². */
const transmission = 0.7;
const airMassExponent = 0.678;
const outside_kW = 1.353;
/** What comes from the whole sky while the sun stands overhead, kW/m². */
const sky_kW = 0.12;

/** The sun over a house in the middle of Europe on one day: its clock shows 12 h when the sun is highest. */
export class Sun {
	readonly #declination_rad: number;

	/** @param day since 1 January 2000 */
	constructor(day: number) {
		const ofYear = (2 * Math.PI * (day + solsticeToNewYear)) / daysPerYear;
		this.#declination_rad = -obliquity_rad * Math.cos(ofYear);
	}

	/** Seconds of the day at which it rises. */
	get rise_s(): number {
		return noon_s - this.#halfDay_s;
	}

	get set_s(): number {
		return noon_s + this.#halfDay_s;
	}

	/** Part of its rated power that the roof gives under a clear sky, 0 … 1; 0 while the sun is below the horizon. */
	share(at_s: number): number {
		const height = this.#towards(latitude_rad, at_s);
		if (height <= 0) return 0;
		const light_kW = outside_kW * transmission ** ((1 / height) ** airMassExponent);
		const beam_kW = light_kW * Math.max(0, this.#towards(latitude_rad - tilt_rad, at_s));
		return Math.min(1, beam_kW + sky_kW * height);
	}

	/** Cosine of the angle to what looks up at this latitude. */
	#towards(level_rad: number, at_s: number): number {
		const hour_rad = (at_s - noon_s) / secondsPerRadian;
		const declination_rad = this.#declination_rad;
		return (
			Math.sin(level_rad) * Math.sin(declination_rad) +
			Math.cos(level_rad) * Math.cos(declination_rad) * Math.cos(hour_rad)
		);
	}

	get #halfDay_s(): number {
		return Math.acos(-Math.tan(latitude_rad) * Math.tan(this.#declination_rad)) * secondsPerRadian;
	}
}
