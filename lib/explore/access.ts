/**
 * Loads and stores that can be interrupted and preempted between each other: a step each.
 */
import type { Sleeping } from '../kernel/parts/wait-queue.ts';
import { sleepingCall } from '../base/sleeping-call.ts';

/** What can be loaded from and stored to: any mapping. */
export interface Accessible {
  load8(offset: number): number;
  load32(offset: number): number;
  store8(offset: number, value: number): void;
  store32(offset: number, value: number): void;
}

/** Loads a byte, then lets anything happen. */
export function load8(from: Accessible, offset: number): Sleeping<number> {
  return sleepingCall(load8Step(from, offset), 'load8');
}

function* load8Step(from: Accessible, offset: number): Sleeping<number> {
  const value = from.load8(offset);
  yield;
  return value;
}

/** Loads four bytes, little-endian, then lets anything happen. */
export function load32(from: Accessible, offset: number): Sleeping<number> {
  return sleepingCall(load32Step(from, offset), 'load32');
}

function* load32Step(from: Accessible, offset: number): Sleeping<number> {
  const value = from.load32(offset);
  yield;
  return value;
}

/** Stores a byte, then lets anything happen. */
export function store8(to: Accessible, offset: number, value: number): Sleeping<void> {
  return sleepingCall(store8Step(to, offset, value), 'store8');
}

function* store8Step(to: Accessible, offset: number, value: number): Sleeping<void> {
  to.store8(offset, value);
  yield;
}

/** Stores four bytes, little-endian, then lets anything happen. */
export function store32(to: Accessible, offset: number, value: number): Sleeping<void> {
  return sleepingCall(store32Step(to, offset, value), 'store32');
}

function* store32Step(to: Accessible, offset: number, value: number): Sleeping<void> {
  to.store32(offset, value);
  yield;
}
