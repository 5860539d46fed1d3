"""Keep and carry: models in files that are exact, and models as source text for other machines.

From the bottom up:

    dense                 a model as plain layers of numbers
    carried               what is carried away: layers, the scale of inputs, what outputs answer
    storage               model files, states, PyTorch's names
    languages             C, JavaScript, Python and ONNX
    proof                 exported files, run and held against the model
    exporting             a model to a file of a language, and the proof
"""

from nn.export.exporting import export_model, verify_export
from nn.export.proof.deviations import Deviations
from nn.export.storage.model_files import load_model, save_model
from nn.export.storage.states import load_state_dict, state_dict
from nn.export.storage.torch_names import load_torch_state_dict, torch_modules, torch_state_dict

__all__ = [
    "Deviations",
    "export_model",
    "load_model",
    "load_state_dict",
    "load_torch_state_dict",
    "save_model",
    "state_dict",
    "torch_modules",
    "torch_state_dict",
    "verify_export",
]
