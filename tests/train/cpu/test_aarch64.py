"""The kernels for processors that are not at hand: LLVM compiles them for 64-bit ARM, from what Numba hands to it."""

import os
import re
import subprocess
import sys

import pytest

# In a process of its own, because Numba reads its settings once; without a cache, from which it would not say what it compiled.
PROGRAM = """
import re, sys
import llvmlite.binding as llvm
import torch
from train.cpu import engine, kernels, simd
from train.data import Mnist, Split
from train.study import Trial

digits = Split(torch.zeros(2, 28, 28, dtype=torch.uint8), torch.zeros(2, dtype=torch.int64))
learner = engine.Kernels(Trial("BN", 0.0, 0.0, 2, train_images=2), Mnist(digits, digits))
list(learner.train_epoch(0.1))
[code] = kernels.train_batches.inspect_llvm().values()
llvm.initialize_all_targets()
llvm.initialize_all_asmprinters()
triple = "aarch64-unknown-linux-gnu"
machine = llvm.Target.from_triple(triple).create_target_machine(cpu="neoverse-n1", opt=3)
code = re.sub("target triple = .*", f'target triple = "{triple}"', code)
code = re.sub("target datalayout = .*", f'target datalayout = "{machine.target_data}"', code)
module = llvm.parse_assembly(code)
module.verify()
options = llvm.create_pipeline_tuning_options(speed_level=3)
passes = llvm.create_pass_builder(machine, options)
passes.getModulePassManager().run(module, passes)
print("lanes", simd.LANES)
print(machine.emit_assembly(module))
"""


@pytest.mark.slow
def test_the_kernels_compile_for_arm_and_use_its_vectors(tmp_path):
    """Of the 8 lanes of narrower registers, which ARM has in pairs of four; LLVM's code of x86 has no place there."""
    environment = {
        **os.environ,
        "NUMBA_CACHE_DIR": str(tmp_path),
        "NUMBA_CPU_NAME": "haswell",  # as no processor with AVX-512
        "NUMBA_OPT": "0",  # optimised code is the host's
    }
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "lanes 8" in result.stdout
    assert len(re.findall(r"\sfmla\tv\d+\.4s", result.stdout)) > 500
    assert "x86" not in result.stdout
