// SPDX-License-Identifier: Apache-2.0

/** Diagnostic messages for developers. Never secrets, never whole APDUs (SEC-log). */
export interface Log {
	write(level: "debug" | "info" | "warning" | "error", part: string, message: string): void;
}
