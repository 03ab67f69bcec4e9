package org.quern.cli.holes;

import java.util.List;
import org.quern.accel.kvm.KvmAccelerator;
import org.quern.accel.software.Observation;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.accel.vtx.VtxAccelerator;
import org.quern.accel.vtx.VtxOptions;

/** The columns there are. */
final class Ways {
  static final List<String> NAMES =
      List.of("ring3", "ring3-umip", "ring1", "interp", "jit", "vtx", "kvm");

  private Ways() {}

  /** A column; its name is one of {@link #NAMES}. */
  static Way of(String name) {
    return switch (name) {
      case "ring3" -> new Classical(3, false);
      case "ring3-umip" -> new Classical(3, true);
      case "ring1" -> new Classical(1, false);
      case "interp" -> new Direct(new SoftwareAccelerator(Tiering.INTERPRET));
      // At once and in the fast form, so that the probe itself is translated.
      case "jit" -> new Direct(new SoftwareAccelerator(new Tiering(1, 0, false, false)));
      case "vtx" ->
          new Direct(
              new VtxAccelerator(VtxOptions.DEFAULT, Tiering.INTERPRET, Observation.NONE, null));
      case "kvm" -> new Direct(new KvmAccelerator());
      default -> throw new IllegalArgumentException("no way " + name);
    };
  }
}
