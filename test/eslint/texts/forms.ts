/** Functions of the forms that the library has; those of the library itself take longer to read. */
interface Ok<T> {
  readonly ok: true;
  readonly value: T;
  readonly error?: never;
}

interface Err<E> {
  readonly ok: false;
  readonly error: E;
}

type Result<T, E> = Ok<T> | Err<E>;

export declare function mayFail(): Result<number, 'NoSlots'>;

export declare function cannotFail(): Result<number, never>;

export declare function failsAs<E extends string>(error: E): Result<number, E>;

export declare function down(): Generator<undefined, void, void>;

export declare const some: boolean;
