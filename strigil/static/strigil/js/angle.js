// The angle between two positions of a phone, from what the browser tells of them. Pure: no page, no sensor.
const RADIANS = Math.PI / 180;

// Where "up" lies as the phone sees it: x to its right, y to its top, z out of its screen. The browser turns the phone about z by
// alpha, then x by beta, then y by gamma; up is the third row of that turn. Alpha, the compass, has no part in it.
export function up(beta, gamma) {
  const b = beta * RADIANS, g = gamma * RADIANS;
  return [-Math.cos(b) * Math.sin(g), Math.sin(b), Math.cos(b) * Math.cos(g)];
}

// Degrees from 0 to 180. By cross and dot product, which is exact where the cosine alone is not: near 0 and near 180.
export function between(one, other) {
  const [a, b, c] = one, [x, y, z] = other;
  const across = Math.hypot(b * z - c * y, c * x - a * z, a * y - b * x);
  return Math.atan2(across, a * x + b * y + c * z) / RADIANS;
}
