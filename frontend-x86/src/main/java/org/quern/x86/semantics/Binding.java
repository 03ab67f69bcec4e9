package org.quern.x86.semantics;

import java.util.List;
import java.util.function.Function;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Generation;
import org.quern.x86.vmx.VmxInsns;

/** Finds the method that executes an instruction: each family answers for its own mnemonics. */
public final class Binding {
  private static final List<Function<Mnemonic, Handler>> FAMILIES =
      List.of(
          AluOps::of, //
          Moves::of,
          StackOps::of,
          Branch::of,
          ShiftOps::of,
          BitOps::of,
          MulDiv::of,
          Exchanges::of,
          Strings::of,
          FlagOps::of,
          PortIo::of,
          Bcd::of,
          SegmentLoad::of,
          FarTransfer::of,
          FarReturn::of,
          Iret::of,
          FastCall::of,
          ControlRegs::of,
          SystemTables::of,
          SystemInsns::of,
          Msrs::of,
          Cpuid::of,
          VmxInsns::of,
          SimdMoves::of,
          SimdInteger::of,
          SimdExtensions::of,
          SimdElements::of,
          StringCompareOps::of,
          CryptoOps::of,
          BitManipulationOps::of,
          RandomNumbers::of,
          VexPermute::of,
          VexMasked::of,
          Fma::of,
          HalfPrecision::of,
          SseFloat::of,
          SseExtensions::of,
          SseConvert::of,
          X87Control::of,
          X87Load::of,
          X87Store::of,
          X87Arith::of,
          X87Compare::of,
          X87Stack::of,
          X87Round::of,
          X87Transcendental::of,
          X87Environment::of,
          ExtendedState::of,
          Xsave::of,
          ProtectionKeys::of,
          MonitorWait::of);

  private static final Handler[] CACHE = new Handler[Mnemonic.values().length];

  private Binding() {}

  /** The handler of a mnemonic on a processor: the first ones have some of their own. */
  public static Handler of(Mnemonic m, Generation generation) {
    Handler h =
        switch (generation) {
          case I8086 -> First8086.of(m);
          case I286 -> Faults80286.of(m);
          default -> null;
        };
    return h == null ? of(m) : h;
  }

  /** The handler of a mnemonic; one that raises #UD if nothing implements it. */
  public static Handler of(Mnemonic m) {
    Handler h = CACHE[m.ordinal()];
    if (h == null) {
      h = find(m);
      CACHE[m.ordinal()] = h;
    }
    return h;
  }

  private static Handler find(Mnemonic m) {
    for (Function<Mnemonic, Handler> family : FAMILIES) {
      Handler h = family.apply(m);
      if (h != null) {
        return h;
      }
    }
    return (c, i) -> {
      throw c.ud();
    };
  }
}
