// SPDX-License-Identifier: Apache-2.0

/** Unit codes of scaler_unit, Blue Book 4.3.2.2. */
export const unit = Object.freeze({
	hour: 5,
	second: 7,
	degree: 8,
	celsius: 9,
	watt: 27,
	voltAmpere: 28,
	var: 29,
	wattHour: 30,
	voltAmpereHour: 31,
	varHour: 32,
	ampere: 33,
	volt: 35,
	hertz: 44,
	perWattHour: 45,
	perVarHour: 46,
	perVoltAmpereHour: 47,
	percent: 56,
	none: 255,
});
