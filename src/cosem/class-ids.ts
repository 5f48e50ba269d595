// SPDX-License-Identifier: Apache-2.0
// class_id of the interface classes that others than their own file name (Blue Book 4).

export const dataClass = 1;
export const registerClass = 3;
export const extendedRegisterClass = 4;
export const demandRegisterClass = 5;
export const registerActivationClass = 6;
export const profileClass = 7;
export const clockClass = 8;
export const scriptTableClass = 9;
export const associationClass = 15;
export const pushClass = 40;
export const ipv4Class = 42;
export const compactDataClass = 62;
export const securityClass = 64;
export const disconnectControlClass = 70;
export const functionControlClass = 122;
export const arrayManagerClass = 123;
