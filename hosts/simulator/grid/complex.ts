// SPDX-License-Identifier: Apache-2.0

/** A phasor: root mean square as modulus, phase as argument. */
export interface Complex {
	readonly re: number;
	readonly im: number;
}

export const zero: Complex = Object.freeze({ re: 0, im: 0 });
export const one: Complex = Object.freeze({ re: 1, im: 0 });

export function complex(re: number, im: number): Complex {
	return { re, im };
}

export function polar(modulus: number, angle_rad: number): Complex {
	return { re: modulus * Math.cos(angle_rad), im: modulus * Math.sin(angle_rad) };
}

export function add(a: Complex, b: Complex): Complex {
	return { re: a.re + b.re, im: a.im + b.im };
}

export function subtract(a: Complex, b: Complex): Complex {
	return { re: a.re - b.re, im: a.im - b.im };
}

export function multiply(a: Complex, b: Complex): Complex {
	return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

/** Quotient; the caller sees to it that `b` is not zero. */
export function divide(a: Complex, b: Complex): Complex {
	const n = b.re * b.re + b.im * b.im;
	return { re: (a.re * b.re + a.im * b.im) / n, im: (a.im * b.re - a.re * b.im) / n };
}

export function scale(a: Complex, k: number): Complex {
	return { re: a.re * k, im: a.im * k };
}

export function modulus(a: Complex): number {
	return Math.hypot(a.re, a.im);
}

export function argument(a: Complex): number {
	return Math.atan2(a.im, a.re);
}
