// SPDX-License-Identifier: Apache-2.0

/** A complex gain; filters multiply their own into it, so that a chain is evaluated without allocation. */
export class Response {
	re = 1;
	im = 0;

	/** Sets `re + j·im`. */
	set(re: number, im: number): void {
		this.re = re;
		this.im = im;
	}

	multiply(re: number, im: number): void {
		const product = this.re * re - this.im * im;
		this.im = this.re * im + this.im * re;
		this.re = product;
	}

	/** Multiplies by `(aRe + j·aIm) / (bRe + j·bIm)`. */
	multiplyQuotient(aRe: number, aIm: number, bRe: number, bIm: number): void {
		const norm = bRe * bRe + bIm * bIm;
		this.multiply((aRe * bRe + aIm * bIm) / norm, (aIm * bRe - aRe * bIm) / norm);
	}
}
