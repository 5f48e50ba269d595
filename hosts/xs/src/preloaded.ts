// SPDX-License-Identifier: Apache-2.0

/** Does nothing, with every module of the application in flash: what their mere presence costs. */
export default function run(): void {}
