"""Keep and carry: models in files that are exact, and models as source text for other machines.

From the bottom up:

    dense                 a model as plain layers of numbers
    strict_json           JSON that may be corrupted or hostile
    tensors               a model's parameters by name, and back
    tensor_files          the safetensors format
    heads                 what a model file says beside the parameters
    model_files           architecture and parameters in one file
    states                parameters of any module, kept and set again
    torch_names           parameters as PyTorch names them
    numerals, headings    numbers with just the digits they need; what stands at the head
    formulas              activations in other languages, as compiled programs spell them
    c_text, javascript_text, python_text, onnx_graph
                          one file for each language
    running               exported files, run on rows
    explained             how far rounding alone can take a node from its value
    deviations            what the comparison found
    comparing             a run held against the model
    exporting             a model to a file of a language, and the proof
"""

from nn.export.deviations import Deviations
from nn.export.exporting import export_model, verify_export
from nn.export.model_files import load_model, save_model
from nn.export.states import load_state_dict, state_dict
from nn.export.torch_names import load_torch_state_dict, torch_state_dict

__all__ = [
    "Deviations",
    "export_model",
    "load_model",
    "load_state_dict",
    "load_torch_state_dict",
    "save_model",
    "state_dict",
    "torch_state_dict",
    "verify_export",
]
