import { describe, expect, test } from "vitest";
import { surplus } from "../../dagger/docker/image/bound.ts";

const hour = 60 * 60 * 1000;
const now = 1000 * hour;
/** `count` images, each used a minute before the one in front of it. */
const images = (count: number, newest: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `i${index}`, at: newest - index * 60_000 }));

describe("images of results that are too many", () => {
  test("are none among the first 300", () => {
    expect(surplus(images(300, 0), now)).toEqual([]);
  });

  test("are those not used for longest", () => {
    const listed = images(302, now - 5 * hour).reverse();
    expect(surplus(listed, now).map(({ id }) => id)).toEqual(["i300", "i301"]);
  });

  test("do not include what was used within the hour, however many there are", () => {
    const busy = Array.from({ length: 400 }, (_, index) => ({ id: `b${index}`, at: now - 1000 }));
    const old = [{ id: "old", at: now - 2 * hour }];
    expect(surplus([...old, ...busy], now)).toEqual(old);
  });
});
