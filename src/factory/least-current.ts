// SPDX-License-Identifier: Apache-2.0
import type { ModelDescriptor } from "../models/model.js";

/** Minimum current of class C (EN 50470-3): 0.3 Itr of direct meters with Iref = 10 Itr, 0.2 Itr behind transformers with In = 20 Itr. */
export function leastCurrent_A(model: ModelDescriptor): number {
	const reference_A = model.referenceCurrent_mA / 1000;
	return model.nominalRatio_A > 0 ? 0.01 * reference_A : 0.03 * reference_A;
}
