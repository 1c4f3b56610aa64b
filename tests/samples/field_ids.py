"""Fifty field ids as ComfyUI's workflows have them, each with its option's name and kind."""

from bot.jobs.request import FieldKind

IMAGE, SEED, BOOLEAN, STRING, INTEGER, NUMBER = (
    FieldKind.IMAGE,
    FieldKind.SEED,
    FieldKind.BOOLEAN,
    FieldKind.STRING,
    FieldKind.INTEGER,
    FieldKind.NUMBER,
)

FIELD_IDS: dict[str, tuple[str, FieldKind]] = {
    "load_image_22": ("image", IMAGE),
    "data[#22][load_image]": ("image", IMAGE),
    "seed_56": ("seed", SEED),
    "data[flux-sampler-parameters-seed#56][seed]": ("seed", SEED),
    # Nodes of sub-workflows, and of sub-workflows in these
    "text_57:8": ("text", STRING),
    "noise_seed_57:62:174": ("seed", SEED),
    "data[Prompt#57:8][text]": ("text", STRING),
    "data[Sampler#57:62:174][noise_seed]": ("seed", SEED),
    "image_12:0": ("image", IMAGE),
    # Titles as people write them
    "data[KSampler (Efficient) [pipe]#5][seed]": ("seed", SEED),
    "data[🔧 Switch#3][boolean]": ("boolean", BOOLEAN),
    "data[👩‍🎨 Artist ⚙️#4][text]": ("text", STRING),
    "data[正面　提示词#6][text]": ("text", STRING),
    "data[Step #2: upscale#31][denoise]": ("denoise", NUMBER),
    'data["quoted" \\ title#8][cfg]': ("cfg", NUMBER),
    "data[CLIP Text Encode (Negative Prompt)#7][text]": ("text", STRING),
    # Inputs with dots, spaces and brackets
    "data[Resize#14][resize_type.width]": ("resize_type_width", INTEGER),
    "resize_type.width_14": ("resize_type_width", INTEGER),
    "data[Resize#14][resize_type]": ("resize_type", STRING),
    "data[Batch#9][number of images]": ("number_of_images", INTEGER),
    "number of images_9": ("number_of_images", INTEGER),
    "data[Lora#7][lora_1.strength]": ("lora_1_strength", NUMBER),
    "data[Any Switch#40][values[0]]": ("values_0", STRING),
    "a b_1": ("a_b", STRING),
    "5_5": ("5", STRING),
    # Inputs whose words point at more than one kind
    "weight_dtype_10": ("weight_dtype", STRING),
    "upscale_method_11": ("upscale_method", STRING),
    "weight_type_13": ("weight_type", STRING),
    "seed_mode_14": ("seed_mode", STRING),
    "sampler_name_3": ("sampler_name", STRING),
    "aspect_ratio_9": ("aspect_ratio", STRING),
    "invert_mask_9": ("invert_mask", BOOLEAN),
    "max_images_9": ("max_images", INTEGER),
    "image_width_9": ("image_width", INTEGER),
    "image_prompt_strength_9": ("image_prompt_strength", NUMBER),
    "strength_model_6": ("strength_model", NUMBER),
    "start_at_step_3": ("start_at_step", INTEGER),
    "start_percent_3": ("start_percent", NUMBER),
    "upscale_by_8": ("upscale_by", NUMBER),
    "frame_rate_8": ("frame_rate", NUMBER),
    "negativePrompt_8": ("negative_prompt", STRING),
    "cfgScale_8": ("cfg_scale", NUMBER),
    "text_g_19": ("text_g", STRING),
    "t5xxl_19": ("t5xxl", STRING),
    # Of no known spelling: a text
    "seed": ("seed", STRING),
    "_5": ("_5", STRING),
    "data[#22]": ("data_22", STRING),
    "data[22][seed]": ("data_22_seed", STRING),
    "prompt.text": ("prompt_text", STRING),
    "文字": ("文字", STRING),
}
