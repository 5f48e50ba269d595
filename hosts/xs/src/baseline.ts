// SPDX-License-Identifier: Apache-2.0

/** Does nothing: the figures of this scenario are those of the engine itself. */
export default function run(): void {}
