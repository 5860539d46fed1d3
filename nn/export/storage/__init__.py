"""Storage: models and their parameters in files that are exact, whole or not there, never executed.

From the bottom up:

    bounded_json          JSON of bounded size
    tensors               a model's parameters by name, and back
    tensor_files          the safetensors format
    heads                 what a model file says beside the parameters
    model_files           architecture and parameters in one file
    states                parameters of any module, kept and set again
    torch_names           parameters as PyTorch names them
"""
