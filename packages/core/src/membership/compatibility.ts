/**
 * Whether a member with these versions and this node can be in one pool: each must speak a version of the protocol and
 * of the application's protocol that the other understands.
 */
export function isCompatible(vsn: Uint8Array, own: Uint8Array): boolean {
  if (vsn.length !== 6) return false;
  const [pMin = 0, pMax = 0, pCur = 0, dMin = 0, dMax = 0, dCur = 0] = vsn;
  const [ownPMin = 0, ownPMax = 0, ownPCur = 0, ownDMin = 0, ownDMax = 0, ownDCur = 0] = own;
  if (pMin === 0 || pMin > pMax) return false;
  return (
    isBetween(pCur, ownPMin, ownPMax) &&
    isBetween(ownPCur, pMin, pMax) &&
    isBetween(dCur, ownDMin, ownDMax) &&
    isBetween(ownDCur, dMin, dMax)
  );
}

function isBetween(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}
