package org.quern.translator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.asm.Assembler;
import org.quern.x86.decode.Decoder;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

class FlagLivenessTest {
  private static final long BASE = 0x5000;

  @ParameterizedTest
  @EnumSource
  @DisplayName("sub eax, 4; over: cmp ecx, edx; je out leaves the flags of CMP")
  void flagsOfTheLaterBlock(Form form) throws Exception {
    PagedRam bus = new PagedRam();
    Cpu c = bus.cpu();
    c.mmu.probeWrite(PagedRam.DATA, 1);
    c.gpr[Reg.RSP] = PagedRam.DATA + 0x100;
    c.gpr[Reg.RAX] = 1;
    c.gpr[Reg.RCX] = 7;
    c.gpr[Reg.RDX] = 7;
    c.setStatusFlags(RFlags.CF | RFlags.SF);
    String source = "sub eax, 4\nover: cmp ecx, edx\nje 0x7000\nsub ebx, 1\njmp over";
    byte[] code = Assembler.assemble(source, 64, BASE).bytes();
    Decoder decoder = new Decoder(64);
    CodeSource reader = o -> o < code.length ? decoder.decode(code, o, code.length - o) : null;
    Region region = Translator.translate(reader, 0, form, false, Hints.NONE);
    assertThat(region.run(c, BASE, 0)).isEqualTo(0x7000);
    assertThat(c.statusFlags() & RFlags.STATUS).isEqualTo(RFlags.ZF | RFlags.PF);
  }
}
